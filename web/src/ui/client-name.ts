const BROWSERS: readonly (readonly [string, RegExp])[] = [
  ['Edge', /\bEdg(e|A|iOS)?\//],
  ['Opera', /\bOPR\//],
  ['Firefox', /\b(Firefox|FxiOS)\//],
  ['Chrome', /\b(Chrome|HeadlessChrome|CriOS)\//],
  ['Safari', /\bSafari\//],
];
const SYSTEMS: readonly (readonly [string, RegExp])[] = [
  ['Android', /\bAndroid\b/],
  ['iOS', /\b(iPhone|iPad)\b/],
  ['Windows', /\bWindows\b/],
  ['macOS', /\bMac OS X\b/],
  ['Linux', /\bLinux\b/],
];

/** The agents, and the providers' SDKs, each with the version behind its name. */
const AGENTS: readonly (readonly [string, RegExp])[] = [
  ['Claude Code', /^claude-cli\/([\d.]+)/],
  ['Codex', /^codex_\w+\/([\d.]+)/],
  ['Gemini CLI', /^GeminiCLI\/([\d.]+)/],
  ['opencode', /^opencode\/([\d.]+)/],
  ['Anthropic SDK for Python', /^(?:Async)?Anthropic\/Python ([\d.]+)/],
  ['Anthropic SDK for JavaScript', /^Anthropic\/JS ([\d.]+)/],
  ['OpenAI SDK for Python', /^(?:Async)?OpenAI\/Python ([\d.]+)/],
  ['OpenAI SDK for JavaScript', /^OpenAI\/JS ([\d.]+)/],
];

/** Returns a readable name for the user agent of a browser, an agent or an SDK; those of others are returned unchanged. */
export function clientName(userAgent: string | null): string {
  if (userAgent === null) return 'A client that did not say what it is';
  if (!userAgent.startsWith('Mozilla/')) return agentName(userAgent) ?? userAgent;
  const first = (table: typeof BROWSERS): string | undefined =>
    table.find(([, pattern]) => pattern.test(userAgent))?.[0];
  const [browser, system] = [first(BROWSERS), first(SYSTEMS)];
  if (browser === undefined) return userAgent;
  return system === undefined ? browser : `${browser} on ${system}`;
}

function agentName(userAgent: string): string | undefined {
  for (const [name, pattern] of AGENTS) {
    const version = pattern.exec(userAgent)?.[1];
    if (version !== undefined) return `${name} ${version}`;
  }
  return undefined;
}
