import { finished } from 'node:stream/promises';
import { ApiOkResponse } from '@nestjs/swagger';
import { Response } from 'express';
import { ErrorCode } from '../api/error-codes';
import { KeptBytes } from './trace-content.service';

/** The codes of a body that can't be sent. */
export const NOT_THERE = [
  'content_not_kept',
  'content_deleted',
  'content_dropped',
  'content_too_large',
  'content_damaged',
  'content_unavailable',
] as const satisfies readonly ErrorCode[];

/** Describes a response that is the bytes of a body. */
export const ApiBodyBytes = () =>
  ApiOkResponse({
    description:
      'The bytes. `x-content-sha256` is the digest of what passed; `x-original-content-type` and `x-original-content-encoding` are what the headers said about them. Where secrets were taken out, `x-content-redacted` is `true` and `x-kept-sha256` the digest of these bytes.',
    content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
  });

/** Sends the bytes of a body as a file that no browser shows. Resolves when they are sent, or the client has left. */
export async function sendBody(
  response: Response,
  callId: string,
  { body, bytes }: KeptBytes,
): Promise<void> {
  response.attachment(`${callId}-${body.part}.bin`);
  response.setHeader('x-content-sha256', body.sha256.toString('hex'));
  if (body.keptSha256 !== null) {
    response.setHeader('x-content-redacted', 'true');
    response.setHeader('x-kept-sha256', body.keptSha256.toString('hex'));
  }
  if (body.contentType !== null) response.setHeader('x-original-content-type', body.contentType);
  if (body.contentEncoding !== null) response.setHeader('x-original-content-encoding', body.contentEncoding);
  const sent = finished(response).catch(() => undefined);
  response.type('application/octet-stream').send(bytes);
  await sent;
}
