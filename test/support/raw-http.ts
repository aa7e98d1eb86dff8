import { connect, Socket } from 'node:net';

/** The bytes received over a TCP connection, and how the connection ended. */
export interface RawAnswer {
  readonly text: string;
  readonly bytes: Buffer;
  readonly status: number;
  readonly reset: boolean;
}

/** Sends the request's bytes unchanged, and reads until the server closes the connection or `until` returns true. */
export async function sendRaw(
  port: number,
  request: string | Buffer,
  { until, within = 5_000 }: { until?: (text: string) => boolean; within?: number } = {},
): Promise<RawAnswer> {
  const socket = await openSocket(port);
  socket.write(request);
  return readRaw(socket, until, within);
}

export async function openSocket(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return socket;
}

export async function readRaw(
  socket: Socket,
  until: (text: string) => boolean = () => false,
  within = 5_000,
): Promise<RawAnswer> {
  const chunks: Buffer[] = [];
  let reset = false;
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      socket.destroy();
      reject(
        new Error(
          `The connection is still open after ${within} ms; so far: ${Buffer.concat(chunks).toString('latin1')}`,
        ),
      );
    }, within);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    socket.resume().on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      if (!until(Buffer.concat(chunks).toString('latin1'))) return;
      socket.destroy();
      done();
    });
    socket.on('error', () => {
      reset = true;
    });
    socket.on('close', done);
    if (socket.closed) done(); // it closed before the listener was attached
  });
  const bytes = Buffer.concat(chunks);
  const text = bytes.toString('latin1');
  return { text, bytes, status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), reset };
}

/** Whether a text is a complete response: by its content-length, or by the last chunk of a chunked body. */
export function isComplete(text: string): boolean {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const length = /^content-length: (\d+)/im.exec(head)?.[1];
  const body = rest.join('\r\n\r\n');
  return length === undefined
    ? body.endsWith('0\r\n') || body.endsWith('0\r\n\r\n')
    : body.length >= Number(length);
}
