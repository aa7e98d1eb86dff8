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

/** Returns a readable name for a browser's user agent; other clients' user agents are returned unchanged. */
export function clientName(userAgent: string | null): string {
  if (userAgent === null) return 'A client that did not say what it is';
  if (!userAgent.startsWith('Mozilla/')) return userAgent;
  const first = (table: typeof BROWSERS): string | undefined =>
    table.find(([, pattern]) => pattern.test(userAgent))?.[0];
  const [browser, system] = [first(BROWSERS), first(SYSTEMS)];
  if (browser === undefined) return userAgent;
  return system === undefined ? browser : `${browser} on ${system}`;
}
