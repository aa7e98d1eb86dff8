import { IncomingMessage } from 'node:http';
import { Readable, Transform, TransformCallback } from 'node:stream';
import { RequestRecord } from '../logging/request-record';
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
 * The request's body as a stream that can't exceed the limit, or undefined when there is none. A declared length is
 * checked here, and node:http holds the client to it; only a body of unknown length is counted as it passes.
 * @throws ProxyError body_too_large, also as the stream's error.
 */
export function limitedBody(
  request: IncomingMessage,
  limit: number,
  record: RequestRecord,
): Readable | undefined {
  const declared = request.headers['content-length'];
  if (declared === undefined) {
    return request.headers['transfer-encoding'] === undefined
      ? undefined
      : request.pipe(new ByteLimit(limit, record));
  }
  if (Number(declared) > limit) throw new ProxyError('body_too_large');
  return Number(declared) === 0 ? undefined : request;
}

class ByteLimit extends Transform {
  constructor(
    private readonly limit: number,
    private readonly record: RequestRecord,
  ) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.record.chunkedBytes += chunk.length;
    if (this.record.chunkedBytes > this.limit) done(new ProxyError('body_too_large'));
    else done(null, chunk);
  }
}
