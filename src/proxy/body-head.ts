import { IncomingMessage } from 'node:http';

/** The first bytes of a request's body, which were read before they could be sent on. */
export interface BodyHead {
  readonly bytes: Buffer;
  /** Whether they are the whole body. */
  readonly isWhole: boolean;
}

/**
 * Reads the first bytes of a request's body, and pauses the request behind them. They have to be sent on before the rest.
 * @param atLeast how many bytes are read, if there are so many; a chunk is not divided.
 */
export function readBodyHead(request: IncomingMessage, atLeast: number): Promise<BodyHead> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const finish = (isWhole: boolean): void => {
      request.pause();
      request.off('data', onData);
      request.off('end', onEnd);
      request.off('close', onClose);
      resolve({ bytes: Buffer.concat(chunks), isWhole });
    };
    const onData = (chunk: Buffer): void => {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= atLeast) finish(false);
    };
    const onEnd = (): void => finish(true);
    const onClose = (): void => finish(false); // the client has left
    request.on('data', onData);
    request.on('end', onEnd);
    request.on('close', onClose);
  });
}
