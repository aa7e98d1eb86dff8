import { HeaderTable } from '../providers/header-table';
import { Route } from '../providers/route';

/** How the body is delimited when no content-length passes. */
export type Framing = 'chunked' | 'empty' | 'none';

/**
 * The upstream request's headers. Ours are set after the client's were filtered, so that no `Connection` that names its header
 * takes the key off again, and exactly one credential goes out.
 * @param raw name, value, name, value, ... as node:http gives them; case, order and repetitions are kept.
 */
export function requestHeaders(
  route: Route,
  raw: readonly string[],
  host: string,
  framing: Framing,
  key: string,
): string[] {
  const passed = pass(raw, route.toProvider);
  const framed = passed.some((name, index) => index % 2 === 0 && name.toLowerCase() === 'content-length');
  return ['host', host, ...passed, ...(framed ? [] : framingHeader(framing)), ...keyHeader(route, key)];
}

/** The client response's headers, from the upstream's; the same form as above. */
export function responseHeaders(route: Route, raw: readonly string[]): string[] {
  return pass(raw, route.toClient);
}

/** The header by which a stored key goes to its provider: name, value. */
export function keyHeader({ provider: { key } }: Route, stored: string): [name: string, value: string] {
  return [key.header, key.scheme + stored];
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
    if (table.passes(key) && !forNeighbour.has(key)) passed.push(name, value);
  }
  return passed;
}

function connectionNamed(raw: readonly string[]): Set<string> {
  const named = new Set<string>();
  for (let index = 0; index + 1 < raw.length; index += 2) {
    if (raw[index]?.toLowerCase() !== 'connection') continue;
    for (const name of (raw[index + 1] ?? '').split(',')) named.add(name.trim().toLowerCase());
  }
  return named;
}
