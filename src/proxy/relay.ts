import { IncomingMessage } from 'node:http';
import { Exchange } from '../exchange/exchange';

/**
 * Streams the upstream's body to the client as it arrives: a chunk is written before the next one is read, and a slow reader
 * slows the upstream down instead of filling memory.
 * @param onEnd called when the whole body has been written, to end the response.
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
  upstream.on('error', () => undefined); // 'close' follows and is acted on
  upstream.on('close', onClose);
  if (upstream.destroyed) onClose(); // it broke before anyone listened
}
