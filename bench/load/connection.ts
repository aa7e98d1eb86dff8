import { connect, Socket } from 'node:net';

/** A measured request; times are from performance.now(), in milliseconds. */
export interface Exchange {
  readonly sentAt: number;
  readonly firstByteAt: number;
  readonly endedAt: number;
  readonly bytes: number;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const LAST_CHUNK = '0\r\n\r\n';

/**
 * A minimal client connection, so that the benchmark does not measure its own generator: it sends one request after another,
 * and parses only the status and the end of a response. The upstream's responses contain no text that looks like a last chunk.
 */
export class Connection {
  private onData: (data: Buffer) => void = () => undefined;
  private onBreak: (error: Error) => void = () => undefined;

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on('data', (data) => this.onData(data));
    socket.on('error', (error) => this.onBreak(error));
    socket.on('close', () => this.onBreak(new Error('The connection was closed')));
  }

  static async open(baseUrl: string): Promise<Connection> {
    const { hostname, port } = new URL(baseUrl);
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => {
        socket.off('error', reject);
        resolve(new Connection(socket));
      });
      socket.once('error', reject);
    });
  }

  /**
   * Sends one request and waits for its whole response.
   * @param onBody called with each piece of the response after its head, chunk sizes included.
   * @throws Error when the status is not 200, or the connection breaks.
   */
  exchange(request: Buffer, onBody?: (piece: Buffer) => void): Promise<Exchange> {
    const sentAt = performance.now();
    return new Promise((resolve, reject) => {
      let [firstByteAt, bytes, missing] = [0, 0, 0];
      let head: Buffer | undefined = Buffer.alloc(0);
      let isChunked = false;
      let tail = '';
      this.onBreak = reject;
      this.onData = (data) => {
        firstByteAt ||= performance.now();
        if (head !== undefined) {
          head = head.length === 0 ? data : Buffer.concat([head, data]);
          const end = head.indexOf(HEAD_END);
          if (end === -1) return;
          const text = head.toString('latin1', 0, end);
          data = head.subarray(end + HEAD_END.length);
          head = undefined;
          if (!text.startsWith('HTTP/1.1 200 ')) {
            reject(
              new Error(`Answered with: ${text.split('\r\n', 1)[0]} ${data.toString('latin1', 0, 300)}`),
            );
            return;
          }
          const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1];
          isChunked = length === undefined;
          missing = Number(length ?? 0);
        }
        bytes += data.length;
        if (data.length > 0) onBody?.(data);
        if (isChunked) {
          tail = (tail + data.toString('latin1', Math.max(0, data.length - LAST_CHUNK.length))).slice(
            -LAST_CHUNK.length,
          );
          if (tail !== LAST_CHUNK) return;
        } else if (bytes < missing) return;
        resolve({ sentAt, firstByteAt, endedAt: performance.now(), bytes });
      };
      this.socket.write(request);
    });
  }

  close(): void {
    this.onBreak = () => undefined;
    this.socket.destroy();
  }
}
