import { IncomingMessage } from 'node:http';
import { Exchange } from '../exchange/exchange';

/**
 * Streams the upstream's response body to the client as it arrives. Each chunk is written before the next one is read, and
 * back-pressure from a slow client pauses the upstream, so that the body does not pile up in memory.
 * @param onEnd called when the whole body has been written; it has to end the response.
 */
export function relay(upstream: IncomingMessage, exchange: Exchange, onEnd: () => void): void {
  const { response } = exchange;
  const onClose = (): void => {
    if (upstream.readableEnded || exchange.hasEnded || response.destroyed) return;
    exchange.failResponse({ outcome: 'upstream_failed' });
  };
  upstream.on('data', (chunk: Buffer) => {
    exchange.responseChunk(chunk);
    if (!response.write(chunk)) upstream.pause();
  });
  response.on('drain', () => upstream.resume());
  upstream.on('end', onEnd);
  upstream.on('error', () => undefined); // 'close' follows, and onClose handles it
  upstream.on('close', onClose);
  if (upstream.destroyed) onClose(); // it failed before the listeners were attached
}
