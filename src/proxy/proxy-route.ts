export const PROXY_PREFIX = '/proxy/anthropic';

/** Absolute-form (RFC 9112 3.2.2), for a target below the prefix. */
const ABSOLUTE_FORM = /^https?:\/\/[^/?#]*\/proxy\/anthropic(?![^/?#])/i;

/** Whether a request's raw target is the proxy's to take. */
export function isProxyTarget(target: string): boolean {
  if (!target.startsWith(PROXY_PREFIX)) return ABSOLUTE_FORM.test(target);
  const following = target[PROXY_PREFIX.length];
  return following === undefined || following === '/' || following === '?';
}

/** Where agents end up whose base URL is the server's own. */
const BESIDE = /^\/(?:v1|proxy)(?:[/?]|$)/;
/** And those whose base URL has a `/v1`: clients add `/v1/...` themselves. */
const TWICE = /^\/proxy\/anthropic\/v1\/v1(?:[/?]|$)/;

/**
 * Whether a request's raw target says that an agent's base URL is wrong. No page and no endpoint has such a path, and
 * neither has the upstream.
 */
export function isMisplaced(target: string): boolean {
  return isProxyTarget(target) ? TWICE.test(target) : BESIDE.test(target);
}
