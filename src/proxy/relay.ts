import { IncomingMessage, ServerResponse } from 'node:http';
import { Outcome, recordOf } from '../logging/request-record';
import { endAndReadOn } from './read-on';

/**
 * Streams the upstream's body to the client as it arrives: a chunk is written before the next one is read, and a slow
 * reader slows the upstream down instead of filling memory. Resolves, and never rejects, when the exchange is over.
 */
export function relay(upstream: IncomingMessage, response: ServerResponse): Promise<Outcome> {
  const record = recordOf(response);
  return new Promise((resolve) => {
    upstream.on('data', (chunk: Buffer) => {
      record.bytes += chunk.length;
      if (!response.write(chunk)) upstream.pause();
    });
    response.on('drain', () => upstream.resume());
    upstream.on('end', () => {
      endAndReadOn(response.req, response);
    });
    upstream.on('error', () => undefined); // 'close' follows and is acted on
    upstream.on('close', () => {
      if (upstream.readableEnded) return;
      resolve(response.destroyed ? 'client_aborted' : 'upstream_failed');
      breakOff(response);
    });
    response.on('close', () => {
      resolve(response.writableFinished ? 'completed' : 'client_aborted');
    });
    if (upstream.destroyed) upstream.emit('close'); // it broke before anyone listened
  });
}

/**
 * Ends the client's connection so that a truncated answer can't look complete: without the last chunk or the announced
 * length over HTTP/1.1, by a reset over HTTP/1.0, where a close is how a body ends.
 */
export function breakOff(response: ServerResponse): void {
  if (response.req.httpVersion === '1.0') response.socket?.resetAndDestroy();
  response.destroy();
}
