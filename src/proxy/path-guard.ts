import { ProxyError } from './proxy-error';

/** As sent, encoded in either case, or a backslash, which some servers take for a slash. */
const SEPARATOR = /\/|\\|%2f|%5c/i;

/**
 * What to ask the upstream for: the raw target behind the provider's prefix, byte for byte. Never through `new URL()`,
 * which would rewrite dot segments, drop a bare `?`, and take `//host` for another server to send the key to.
 * @throws ProxyError bad_path for a `..` segment in any spelling, and for a target that is not below the prefix
 * (an absolute-form one, say).
 */
export function upstreamPath(target: string, prefix: string): string {
  if (!target.startsWith(prefix)) throw new ProxyError('bad_path');
  const rest = target.slice(prefix.length);
  const [path = ''] = rest.split('?', 1);
  if (path.split(SEPARATOR).some(isDotDot)) throw new ProxyError('bad_path');
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** With parameters as well (`..;v=1`): servers that know them leave them out before they resolve the segment. */
function isDotDot(segment: string): boolean {
  const [name] = segment.replace(/%2e/gi, '.').split(/;|%3b/i, 1);
  return name === '..';
}
