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
 * Tells whether a request has a body. One of unknown length is counted while it passes; node:http holds a client to a
 * declared length.
 * @throws ProxyError body_too_large when the declared length is above the limit.
 */
export function hasBody({ headers }: IncomingMessage, limit: number): boolean {
  const declared = headers['content-length'];
  if (declared === undefined) return headers['transfer-encoding'] !== undefined;
  if (Number(declared) > limit) throw new ProxyError('body_too_large');
  return Number(declared) > 0;
}
