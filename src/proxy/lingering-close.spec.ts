import { once } from 'node:events';
import { createServer, Server, ServerResponse } from 'node:http';
import { AddressInfo, connect, Socket } from 'node:net';
import { lingeringClose, LingerBounds } from './lingering-close';

/** Runs a bare server that refuses every request immediately, as the proxy does, and a client that writes raw bytes. */
describe('a refusal of a request that is still being sent', () => {
  let server: Server;
  let bounds: LingerBounds;
  let answers: ServerResponse[];

  beforeEach(async () => {
    answers = [];
    bounds = { bytes: 1_000_000, ms: 60_000 };
    server = createServer((request, response) => {
      answers.push(response);
      const refuse = (): void => {
        response.writeHead(413, { 'content-length': 2 });
        lingeringClose(request, response, 'no', bounds);
      };
      if (request.url === '/late') request.resume().once('close', refuse);
      else refuse();
    });
    server.keepAliveTimeout = 0; // only the code under test may close a connection
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  async function send(text: string): Promise<Socket> {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.setEncoding('utf8');
    socket.write(text);
    await once(socket, 'connect');
    return socket;
  }

  /** Resolves with the next complete response. */
  async function answer(socket: Socket): Promise<string> {
    let text = '';
    while (!/\r\n\r\nno$/.test(text)) text += String((await once(socket, 'data'))[0]);
    return text;
  }

  const post = (length: number, header = ''): string =>
    `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n${header}\r\n`;

  it('is whole at once, and the connection serves the next request when the body is in', async () => {
    const socket = await send(post(10));
    expect(await answer(socket)).toMatch(/^HTTP\/1.1 413 /);
    expect(answers[0]!.writableFinished).toBe(true);
    socket.write(`0123456789${post(0)}`);
    expect(await answer(socket)).toMatch(/^HTTP\/1.1 413 /);
    socket.destroy();
  });

  it.each(['/', '/late'])(
    'of one that was in (%s) leaves the connection alone, however long it stays',
    async (path) => {
      bounds = { bytes: 0, ms: 10 };
      const socket = await send(post(0).replace('/', path));
      await answer(socket);
      const [first] = answers;
      await new Promise((resolve) => setTimeout(resolve, 60)); // six times the bound that would cut it off
      expect(first!.req.socket.destroyed).toBe(false);
      socket.write(post(0));
      await answer(socket);
      socket.destroy();
    },
  );

  it('waits with the end that closes the connection until the client has sent all', async () => {
    const socket = await send(post(10, 'Connection: close\r\n'));
    expect(await answer(socket)).toMatch(/^HTTP\/1.1 413 [^]*connection: close/i);
    expect(answers[0]!.writableEnded).toBe(false);
    const ended = once(socket, 'end');
    socket.write('0123456789');
    await ended;
    expect(answers[0]!.writableFinished).toBe(true);
  });

  it('has its end when the client leaves instead of sending the rest', async () => {
    const socket = await send(post(10, 'Connection: close\r\n'));
    await answer(socket);
    const closed = once(answers[0]!, 'close');
    socket.resetAndDestroy();
    await closed;
  });

  it('cuts off a client that sends more than the bound, and not one that sends just so much', async () => {
    bounds = { bytes: 1000, ms: 60_000 };
    const within = await send(post(1000) + 'x'.repeat(1000));
    await answer(within);
    within.write(post(0));
    await answer(within);
    within.destroy();

    const beyond = await send(post(5000));
    await answer(beyond);
    const closed = once(beyond, 'close');
    beyond.write('x'.repeat(600));
    await once(answers.at(-1)!.req, 'data');
    expect(answers.at(-1)!.req.socket.destroyed).toBe(false);
    beyond.write('x'.repeat(600));
    await closed;
  });

  it('cuts off a client that takes too long', async () => {
    bounds = { bytes: 1000, ms: 50 };
    const socket = await send(post(10));
    await answer(socket);
    await once(socket, 'close');
    expect(answers[0]!.req.complete).toBe(false);
  });

  it('does not cut off afterwards a connection whose body came in time', async () => {
    bounds = { bytes: 1000, ms: 50 };
    const socket = await send(`${post(2)}xx`);
    await answer(socket);
    await new Promise((resolve) => setTimeout(resolve, 120)); // more than twice the bound
    socket.write(post(0));
    await answer(socket);
    socket.destroy();
  });
});
