import { IncomingMessage } from 'node:http';
import { ProxyError } from './proxy-error';

const MIB = 1024 * 1024;

/** The vendor's own limits; anything else is held to that of messages. */
const LIMITS = [
  { path: '/v1/messages/batches', bytes: 256 * MIB },
  { path: '/v1/files', bytes: 500 * MIB },
];
const DEFAULT_LIMIT = 32 * MIB;

/** In bytes, for an upstream path with or without its query. */
export function bodyLimit(upstreamPath: string): number {
  const [path = ''] = upstreamPath.split('?', 1);
  return (
    LIMITS.find((limit) => path === limit.path || path.startsWith(`${limit.path}/`))?.bytes ?? DEFAULT_LIMIT
  );
}

/**
 * Holds a declared length against the limit; node:http holds the client to it. A body of unknown length is counted while it
 * passes (upload.ts).
 * @throws ProxyError body_too_large
 */
export function checkDeclaredLength({ headers }: IncomingMessage, limit: number): void {
  if (Number(headers['content-length'] ?? 0) > limit) throw new ProxyError('body_too_large');
}
