export const PROXY_PREFIX = '/proxy/anthropic';

/** Absolute-form (RFC 9112 3.2.2), for a target below the prefix. */
const ABSOLUTE_FORM = /^https?:\/\/[^/?#]*\/proxy\/anthropic(?![^/?#])/i;

/** Whether a request's raw target is the proxy's to take. */
export function isProxyTarget(target: string): boolean {
  if (!target.startsWith(PROXY_PREFIX)) return ABSOLUTE_FORM.test(target);
  const following = target[PROXY_PREFIX.length];
  return following === undefined || following === '/' || following === '?';
}
