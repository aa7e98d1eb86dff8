/** The explorer's style: the colors and type of the pages (web/src/ui/tokens.css) over those of Swagger UI, light and dark. */
export const EXPLORER_STYLE = `
:root {
  --bg: #ffffff; --surface: #ffffff; --side: #f6f8f8; --text: #17211f; --muted: #52605d; --line: #dde4e2;
  --control: #7c8a87; --accent: #0f766e; --on-accent: #ffffff;
}
html.dark-mode {
  color-scheme: dark;
  --bg: #0e1413; --surface: #151c1b; --side: #0b100f; --text: #e6edeb; --muted: #a4b3af; --line: #273231;
  --control: #71807c; --accent: #5eead4; --on-accent: #04201c;
}
html, body, .swagger-ui, html.dark-mode .swagger-ui { background: var(--bg); color: var(--text); }
body { margin: 0; padding-top: 3.25rem; }
.tracevault {
  position: absolute; inset: 0 0 auto; display: flex; gap: 1.5rem; align-items: center; box-sizing: border-box; height: 3.25rem;
  padding: 0 1.25rem; border-bottom: 1px solid var(--line); background: var(--side); font: 550 0.9375rem system-ui, sans-serif;
}
.tracevault a { color: var(--accent); }
.tracevault a:first-child { color: var(--text); font-weight: 650; text-decoration: none; }
.swagger-ui, .swagger-ui .info *:not(code):not(pre), .swagger-ui .opblock-tag, .swagger-ui .opblock-summary-description, .swagger-ui .btn,
.swagger-ui table *, .swagger-ui label, .swagger-ui select {
  font-family: system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif;
}
.swagger-ui .topbar, .swagger-ui .info .title small.version-stamp { display: none; }
.swagger-ui .info { margin: 1.5rem 0; }
.swagger-ui .info .title { font-size: 1.375rem; font-weight: 620; }
.swagger-ui .info .title, .swagger-ui .info li, .swagger-ui .info p, .swagger-ui .opblock-tag { color: var(--text); }
.swagger-ui .info a, .swagger-ui .opblock-tag small a { color: var(--accent); }
.swagger-ui .scheme-container, html.dark-mode .swagger-ui .scheme-container {
  padding: 1rem 0; border-block: 1px solid var(--line); background: var(--side); box-shadow: none;
}
.swagger-ui .opblock-tag { border-color: var(--line); font-size: 1.0625rem; }
.swagger-ui .opblock { border-radius: 0.5rem; box-shadow: none; }
.swagger-ui .btn { border-radius: 0.375rem; box-shadow: none; }
.swagger-ui .btn.authorize, html.dark-mode .swagger-ui .btn.authorize { border-color: var(--accent); color: var(--accent); }
.swagger-ui .btn.authorize svg, html.dark-mode .swagger-ui .btn.authorize svg { fill: var(--accent); }
.swagger-ui .btn.execute { border-color: var(--accent); background: var(--accent); color: var(--on-accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
`;
