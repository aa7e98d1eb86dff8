/**
 * The globals of the browser, where these functions run. Each is sent as its source text and can't use anything else from
 * this file.
 */
interface Browser {
  readonly localStorage: { getItem(name: string): string | null; setItem(name: string, value: string): void };
  readonly document: {
    readonly documentElement: { readonly classList: { toggle(name: string, isOn: boolean): void } };
    readonly body: { prepend(element: object): void };
    createElement(name: string): HtmlElement;
  };
}

interface HtmlElement {
  className: string;
  textContent: string;
  href: string;
  append(...elements: object[]): void;
}

/**
 * Restores the path and query of a call to the proxy, which Swagger UI would send as one encoded segment, and adds the
 * page share of the session to a call to the API, as the pages do (web/src/api/page-share.ts).
 */
export function prepare(request: { url: string; headers: Record<string, string> }): { url: string } {
  const [path = '', ...query] = request.url.split('?');
  const typed = path.replace(/%2F/gi, '/').replace(/%3F/gi, '?').replace(/%3D/gi, '=').replace(/%26/g, '&');
  if (path.includes('/proxy/')) request.url = [typed, ...query].join(typed.includes('?') ? '&' : '?');
  try {
    const share = (globalThis as unknown as Browser).localStorage.getItem('tracevault.page-share');
    if (share !== null && path.includes('/api/v1/')) request.headers['x-tracevault-page-share'] = share;
  } catch {
    // Storage may be blocked; the call then uses the token that was entered by hand.
  }
  return request;
}

/**
 * Stores the page share of a session that begins in the explorer. Its cookie replaces the pages' cookie, which makes their
 * stored share invalid.
 */
export function keepPageShare(response: { headers: Record<string, string> }): object {
  const share = response.headers['x-tracevault-page-share'];
  try {
    if (share !== undefined)
      (globalThis as unknown as Browser).localStorage.setItem('tracevault.page-share', share);
  } catch {
    // Storage may be blocked; the response is shown all the same.
  }
  return response;
}

/**
 * Shows the explorer as light or dark as the user has chosen on the pages (web/src/app/appearance.svelte.ts), instead of by the
 * system alone, and puts the way back to them at its top.
 */
export function showAsPages(): void {
  const browser = globalThis as unknown as Browser;
  const { document } = browser;
  try {
    const chosen = browser.localStorage.getItem('tracevault.appearance');
    if (chosen === 'light' || chosen === 'dark')
      document.documentElement.classList.toggle('dark-mode', chosen === 'dark');
  } catch {
    // Storage may be blocked; nothing was chosen then.
  }
  const links = (
    [
      ['TraceVault', '/'],
      ['Back to the pages', '/'],
      ['OpenAPI document', '/api/docs-json'],
    ] as const
  ).map(([textContent, href]) => Object.assign(document.createElement('a'), { textContent, href }));
  const header = Object.assign(document.createElement('header'), { className: 'tracevault' });
  header.append(...links);
  document.body.prepend(header);
}
