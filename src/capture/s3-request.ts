import { sign } from 'aws4';
import { createHash } from 'node:crypto';
import { Agent, IncomingHttpHeaders, IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { BucketConfig } from '../config/config';

/** A request to a bucket, whose path and query are in the form in which they are sent and signed. */
export interface S3Request {
  readonly method: 'GET' | 'PUT' | 'DELETE';
  /** The name of an object; empty for the bucket itself. */
  readonly key: string;
  readonly query?: string;
  readonly range?: string;
  readonly body?: Buffer;
  /** How much of an answer is taken, in bytes. */
  readonly maxBytes: number;
}

export interface S3Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The part of a body that is hashed in one turn of the event loop, in bytes. */
const SLICE = 1024 * 1024;

/**
 * Sends one request to a bucket. Redirects are not followed.
 * @throws Error when there is no whole answer in time. It holds no header and no part of a body.
 */
export async function sendToBucket(
  { method, key, query, range, body, maxBytes }: S3Request,
  bucket: BucketConfig,
  { agent, stopped }: { readonly agent: Agent; readonly stopped: AbortSignal },
): Promise<S3Answer> {
  const { protocol, host, pathname, origin } = new URL(bucket.url);
  const path = `${pathname.replace(/\/$/, '')}/${key}${query === undefined ? '' : `?${query}`}`;
  const { headers } = sign(
    {
      ...{ service: 's3', region: bucket.region, method, host, path },
      extraHeadersToInclude: { range: true },
      headers: {
        'user-agent': 'tracevault',
        'x-amz-content-sha256': await sha256(body),
        ...(range !== undefined && { range }),
        ...(body !== undefined && {
          'content-type': 'application/octet-stream',
          'content-length': String(body.length),
        }),
      },
    },
    {
      accessKeyId: bucket.accessKeyId,
      secretAccessKey: bucket.secretAccessKey.export().toString('latin1'),
      sessionToken: bucket.sessionToken?.export().toString('latin1'),
    },
  );
  const send = protocol === 'https:' ? httpsRequest : httpRequest;
  const options = { method, path, headers, agent, timeout: bucket.quietMs, signal: stopped };
  return new Promise<S3Answer>((resolve, reject) => {
    let hasHead = false;
    const request = send(origin, options, (response) => {
      hasHead = true;
      readAnswer(response, maxBytes).then(resolve, reject);
    });
    const end = (message: string): void => void request.destroy(new Error(message));
    const late = setTimeout(() => end(`No whole answer came in ${bucket.tryMs} ms`), bucket.tryMs);
    request.on('timeout', () => end(`Nothing passed for ${bucket.quietMs} ms`));
    request.on('close', () => clearTimeout(late));
    request.on('error', (error) => {
      if (!hasHead) reject(error); // a refusal can come before the end of an upload, and breaks it off
    });
    request.end(body);
  });
}

/** Reads an answer whole. */
async function readAnswer(response: IncomingMessage, maxBytes: number): Promise<S3Answer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Error(`The answer has more than ${maxBytes} bytes`); // which ends the connection
    chunks.push(chunk);
  }
  const { statusCode = 0, headers } = response;
  return { status: statusCode, headers, body: Buffer.concat(chunks) };
}

async function sha256(body: Buffer = Buffer.alloc(0)): Promise<string> {
  const hash = createHash('sha256');
  for (let at = 0; at < body.length; at += SLICE) {
    if (at > 0) await nextTurn(); // a pack of many MiB takes long: others go first
    hash.update(body.subarray(at, at + SLICE));
  }
  return hash.digest('hex');
}
