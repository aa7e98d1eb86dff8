import { Server } from 'node:http';
import { Socket } from 'node:net';
import { Logger } from 'pino';
import { exchangesOn } from '../exchange/connection';
import { Provider } from '../providers/provider';
import { refusalOf } from './refusal';

/** The maximum size of a request's head, in bytes; it has room for long lists of beta features and an auth gateway's cookies. */
export const MAX_HEAD_BYTES = 64 * 1024;

const HEAD_TOO_LARGE = `The request's headers are larger than ${MAX_HEAD_BYTES / 1024} KiB. Send fewer or shorter headers.`;

interface Refusal {
  readonly status: number;
  readonly line: string;
  /** The error message; undefined for requests whose client would not be able to read one. */
  readonly message?: string;
}

/**
 * Refuses requests that node:http can't parse, with the statuses that it would use, and logs them, because nothing else sees
 * them. If a response has begun on the connection, another one would look like part of it, so the connection is just closed.
 * @param provider the provider whose error format the response has; which one the request was for is unknown.
 */
export function refuseUnreadable(server: Server, logger: Logger, provider: Provider): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const { code } = error;
    const refusal = refusalFor(code);
    if (socket.writable && code !== 'ECONNRESET' && code !== 'EPIPE') {
      const hasBegun = exchangesOn(socket).some(({ response }) => response.headersSent);
      logger.info(
        { status: hasBegun ? undefined : refusal.status, code },
        'An unreadable request was refused',
      );
      if (!hasBegun) socket.write(render(refusal, provider));
    }
    socket.destroy(error);
  });
}

function refusalFor(code: string | undefined): Refusal {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return { status: 431, line: 'Request Header Fields Too Large', message: HEAD_TOO_LARGE };
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return { status: 413, line: 'Payload Too Large' };
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { status: 408, line: 'Request Timeout' };
    case undefined:
    default:
      return { status: 400, line: 'Bad Request' };
  }
}

function render({ status, line, message }: Refusal, provider: Provider): string {
  const head = [`HTTP/1.1 ${status} ${line}`, 'connection: close'];
  if (message === undefined) return [...head, 'content-length: 0', '', ''].join('\r\n');
  const { contentType, noRetry, body } = refusalOf(provider, status, message);
  const length = `content-length: ${Buffer.byteLength(body)}`;
  return [...head, `content-type: ${contentType}`, noRetry.join(': '), length, '', body].join('\r\n');
}
