import { ProxyError } from './proxy-error';

/** Matches a path separator: a slash or a backslash (which some servers treat as a slash), literal or percent-encoded. */
const SEPARATOR = /\/|\\|%2f|%5c/i;

/**
 * Returns the upstream request's target: the raw target after the provider's prefix, byte for byte. It is never parsed with
 * `new URL()`, which would rewrite dot segments, drop a bare `?`, and treat `//host` as another server to send the key to.
 * @throws ProxyError `bad_path` for a `..` segment in any spelling, and for a target that is not below the prefix
 * (an absolute-form target, for example).
 */
export function upstreamPath(target: string, prefix: string): string {
  if (!target.startsWith(prefix)) throw new ProxyError('bad_path');
  const rest = target.slice(prefix.length);
  const [path = ''] = rest.split('?', 1);
  if (path.split(SEPARATOR).some(isDotDot)) throw new ProxyError('bad_path');
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** Recognizes `..` also with path parameters (`..;v=1`), which some servers remove before they resolve the segment. */
function isDotDot(segment: string): boolean {
  const [name] = segment.replace(/%2e/gi, '.').split(/;|%3b/i, 1);
  return name === '..';
}
