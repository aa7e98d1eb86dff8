import { IncomingMessage } from 'node:http';
import { BodyLimits } from '../providers/provider';
import { ProxyError } from './proxy-error';

/** In bytes, for an upstream path with or without its query. */
export function bodyLimit({ byDefault, byPath }: BodyLimits, upstreamPath: string): number {
  const [path = ''] = upstreamPath.split('?', 1);
  for (const limit of byPath)
    if (path.startsWith(limit.path) && (path.length === limit.path.length || path[limit.path.length] === '/'))
      return limit.bytes;
  return byDefault;
}

/**
 * Holds a declared length against the limit; node:http holds the client to it. A body of unknown length is counted while it
 * passes (upload.ts).
 * @throws ProxyError body_too_large
 */
export function checkDeclaredLength({ headers }: IncomingMessage, limit: number): void {
  if (Number(headers['content-length'] ?? 0) > limit) throw new ProxyError('body_too_large');
}
