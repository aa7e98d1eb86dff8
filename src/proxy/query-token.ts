/**
 * Returns a raw target without the query parameters that can carry a token, byte for byte otherwise: the other parameters
 * keep their order and encoding, and a query that held nothing else is removed with its `?`.
 * @param names the names of the parameters, in lower case; percent-encoded names and other cases are recognized, too.
 */
export function withoutQueryTokens(target: string, names: readonly string[]): string {
  const start = target.indexOf('?');
  if (start === -1 || names.length === 0) return target;
  const parts = target.slice(start + 1).split('&');
  const kept = parts.filter((part) => !names.includes(nameOf(part)));
  if (kept.length === parts.length) return target;
  const query = kept.join('&');
  return target.slice(0, start) + (query === '' ? '' : `?${query}`);
}

/** Returns the first token that is not empty in one of these query parameters; undefined if there is none. */
export function queryToken(target: string, names: readonly string[]): string | undefined {
  const start = target.indexOf('?');
  if (start === -1 || names.length === 0) return undefined;
  for (const part of target.slice(start + 1).split('&')) {
    if (!names.includes(nameOf(part))) continue;
    const equals = part.indexOf('=');
    const value = equals === -1 ? '' : decoded(part.slice(equals + 1));
    if (value !== '') return value;
  }
  return undefined;
}

function nameOf(part: string): string {
  const [name = ''] = part.split('=', 1);
  return decoded(name).toLowerCase();
}

/** Decodes the percent-encoded bytes of a text, none of which can make it malformed. */
function decoded(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}
