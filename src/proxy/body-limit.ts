import { IncomingMessage } from 'node:http';
import { BodyLimits } from '../providers/provider';
import { ProxyError } from './proxy-error';

/** Returns the maximum size of a request body, in bytes, for an upstream path with or without its query. */
export function bodyLimit({ byDefault, byPath }: BodyLimits, upstreamPath: string): number {
  const [path = ''] = upstreamPath.split('?', 1);
  for (const limit of byPath)
    if (path.startsWith(limit.path) && (path.length === limit.path.length || path[limit.path.length] === '/'))
      return limit.bytes;
  return byDefault;
}

/**
 * Checks a declared content length against the limit; node:http holds the client to what it declared. A body of unknown
 * length is counted while it streams (upload.ts).
 * @throws ProxyError `body_too_large` when the declared length exceeds the limit.
 */
export function checkDeclaredLength({ headers }: IncomingMessage, limit: number): void {
  if (Number(headers['content-length'] ?? 0) > limit) throw new ProxyError('body_too_large');
}
