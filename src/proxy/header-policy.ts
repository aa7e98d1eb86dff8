/** Header names that pass, in lower case: single ones and open families. Everything else stays behind. */
interface HeaderTable {
  readonly names: ReadonlySet<string>;
  readonly prefixes: readonly string[];
}

/** The families are open: a header that the vendor adds tomorrow has its partner in the body, and half a pair is a 400. */
const TO_UPSTREAM: HeaderTable = {
  names: new Set([
    'accept',
    'accept-encoding',
    'content-type',
    'content-encoding',
    'content-length',
    'user-agent',
  ]),
  prefixes: ['anthropic-', 'x-claude-code-'],
};

const TO_CLIENT: HeaderTable = {
  names: new Set([
    'content-type',
    'content-encoding',
    'content-length',
    'content-disposition',
    'cache-control',
    'request-id',
    'retry-after',
    'retry-after-ms',
    'x-should-retry',
  ]),
  prefixes: ['anthropic-'],
};

/** How the body is delimited when no content-length passes. */
export type Framing = 'chunked' | 'empty' | 'none';

/**
 * The upstream request's headers. Ours are set after the client's were filtered, so that no `Connection: x-api-key`
 * takes the key off again, and exactly one credential goes out.
 * @param raw name, value, name, value, ... as node:http gives them; case, order and repetitions are kept.
 */
export function requestHeaders(
  raw: readonly string[],
  host: string,
  framing: Framing,
  anthropicKey: string,
): string[] {
  const passed = pass(raw, TO_UPSTREAM);
  const framed = passed.some((name, index) => index % 2 === 0 && name.toLowerCase() === 'content-length');
  return ['host', host, ...passed, ...(framed ? [] : framingHeader(framing)), 'x-api-key', anthropicKey];
}

/** The client response's headers, from the upstream's; the same form as above. */
export function responseHeaders(raw: readonly string[]): string[] {
  return pass(raw, TO_CLIENT);
}

function framingHeader(framing: Framing): string[] {
  switch (framing) {
    case 'chunked':
      return ['transfer-encoding', 'chunked'];
    case 'empty':
      return ['content-length', '0'];
    case 'none':
      return [];
  }
}

/** What the table lets through, less what `Connection` names: that is between two neighbours (RFC 9110 7.6.1). */
function pass(raw: readonly string[], table: HeaderTable): string[] {
  const forNeighbour = connectionNamed(raw);
  const passed: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const [name, value] = [raw[index] ?? '', raw[index + 1] ?? ''];
    const key = name.toLowerCase();
    if (isListed(key, table) && !forNeighbour.has(key)) passed.push(name, value);
  }
  return passed;
}

function isListed(key: string, { names, prefixes }: HeaderTable): boolean {
  return names.has(key) || prefixes.some((prefix) => key.startsWith(prefix));
}

function connectionNamed(raw: readonly string[]): Set<string> {
  const named = new Set<string>();
  for (let index = 0; index + 1 < raw.length; index += 2) {
    if (raw[index]?.toLowerCase() !== 'connection') continue;
    for (const name of (raw[index + 1] ?? '').split(',')) named.add(name.trim().toLowerCase());
  }
  return named;
}
