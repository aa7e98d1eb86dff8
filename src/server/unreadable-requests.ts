import { Server } from 'node:http';
import { Socket } from 'node:net';
import { Logger } from 'pino';
import { exchangesOn } from '../exchange/connection';

/** The maximum size of a request's head, in bytes: long `anthropic-beta` lists, and the cookies of a gate in front. */
export const MAX_HEAD_BYTES = 64 * 1024;

const HEAD_TOO_LARGE = JSON.stringify({
  type: 'error',
  error: {
    type: 'api_error',
    message: `The request's headers are larger than ${MAX_HEAD_BYTES / 1024} KiB. Send fewer or shorter headers.`,
  },
});

interface Refusal {
  readonly status: number;
  readonly line: string;
  readonly body: string;
}

/**
 * Answers what node:http can't read, as it would by itself, and says so in the log: nothing else sees such a request. Where
 * an answer has begun on the connection, another one would look like a part of it, so the connection is closed.
 */
export function refuseUnreadable(server: Server, logger: Logger): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const { code } = error;
    const refusal = refusalFor(code);
    if (socket.writable && code !== 'ECONNRESET' && code !== 'EPIPE') {
      const hasBegun = exchangesOn(socket).some(({ response }) => response.headersSent);
      logger.info(
        { status: hasBegun ? undefined : refusal.status, code },
        'An unreadable request was refused',
      );
      if (!hasBegun) socket.write(render(refusal));
    }
    socket.destroy(error);
  });
}

function refusalFor(code: string | undefined): Refusal {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return { status: 431, line: 'Request Header Fields Too Large', body: HEAD_TOO_LARGE };
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return { status: 413, line: 'Payload Too Large', body: '' };
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { status: 408, line: 'Request Timeout', body: '' };
    case undefined:
    default:
      return { status: 400, line: 'Bad Request', body: '' };
  }
}

function render({ status, line, body }: Refusal): string {
  const type = body === '' ? [] : ['content-type: application/json', 'x-should-retry: false'];
  const length = `content-length: ${Buffer.byteLength(body)}`;
  return [`HTTP/1.1 ${status} ${line}`, 'connection: close', ...type, length, '', body].join('\r\n');
}
