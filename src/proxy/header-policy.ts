import { KeySource } from '../exchange/facts';
import { HeaderTable } from '../providers/header-table';
import { Route } from '../providers/route';

/** The stored key that a request is forwarded with, and whose it is. */
export interface UsedKey {
  readonly key: string;
  readonly keySource: KeySource;
}

/** How the request body is delimited when no content-length is forwarded. */
export type Framing = 'chunked' | 'empty' | 'none';

/**
 * Returns the headers of the upstream request. The proxy's own headers are set after the client's have been filtered, so
 * that a client's `Connection` header that names the key's header can't remove the key, and exactly one credential is sent.
 * @param raw the client's headers as node:http gives them (name, value, name, value, ...); case, order and repetitions are
 * kept.
 */
export function requestHeaders(
  route: Route,
  raw: readonly string[],
  host: string,
  framing: Framing,
  { key, keySource }: UsedKey,
): string[] {
  const passed = pass(raw, keySource === 'own' ? route.toProviderWithOwnKey : route.toProvider);
  const framed = passed.some((name, index) => index % 2 === 0 && name.toLowerCase() === 'content-length');
  return ['host', host, ...passed, ...(framed ? [] : framingHeader(framing)), ...keyHeader(route, key)];
}

/** Returns the headers of the client's response, from the upstream's raw headers (name, value, name, value, ...). */
export function responseHeaders(route: Route, raw: readonly string[]): string[] {
  return pass(raw, route.toClient);
}

/** Returns the header that carries a stored key to its provider. */
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

/** Returns the headers that the table allows, without the hop-by-hop headers that `Connection` names (RFC 9110 7.6.1). */
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
