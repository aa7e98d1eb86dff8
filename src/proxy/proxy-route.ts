import { NextFunction, Request, Response } from 'express';

export const PROXY_PREFIX = '/proxy/anthropic';

/** Absolute-form (RFC 9112 3.2.2), for a target below the prefix. */
const ABSOLUTE_FORM = /^https?:\/\/[^/?#]*\/proxy\/anthropic(?![^/?#])/i;

/**
 * Shows the router the bare prefix in place of the target, so that it neither decodes nor normalizes nor refuses what
 * is the upstream's to judge. `originalUrl` keeps the target as it was sent.
 */
export function hideProxyTarget(request: Request, _response: Response, next: NextFunction): void {
  if (isProxyTarget(request.url)) request.url = PROXY_PREFIX;
  next();
}

export function isProxyTarget(target: string): boolean {
  if (!target.startsWith(PROXY_PREFIX)) return ABSOLUTE_FORM.test(target);
  const following = target[PROXY_PREFIX.length];
  return following === undefined || following === '/' || following === '?';
}
