import { once } from 'node:events';
import { IncomingMessage, request as httpRequest } from 'node:http';
import { createServer, Server, Socket } from 'node:net';
import { AddressInfo } from 'node:net';
import { Person, TestApp, useApp } from './support/app';
import { DIALECTS_UNDER_TEST } from './support/providers';
import { sendRaw } from './support/raw-http';

describe.each(DIALECTS_UNDER_TEST)('an upstream of $name that fails', (row) => {
  const { provider, prefix, tokenHeader, envelope, requestIdHeader } = row;
  const app = useApp({ provider });
  let person: Person;

  beforeAll(async () => {
    person = await app.signUp();
  });

  const asPerson = (): Record<string, string> => Object.fromEntries([tokenHeader(person.token)]);

  async function get(path: string): Promise<IncomingMessage> {
    const request = httpRequest(app.proxyUrl + path, { headers: asPerson() }).end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return response;
  }

  it.each([
    ['chunked', {}],
    ['of announced length', { 'content-length': '1000' }],
  ])('in the middle of an answer (%s) breaks the stream of the client as well', async (name, headers) => {
    app.upstream.answerWith((_request, response) => {
      response.writeHead(200, headers);
      response.write('event: message_start\n\n', () => response.socket?.resetAndDestroy());
    });
    const path = `/v1/broken-${name.replaceAll(' ', '-')}`;
    const response = await get(path);
    await expect(response.toArray()).rejects.toThrow('aborted');
    expect(response.complete).toBe(false);
    expect(await app.requestLine(`${prefix}${path}`)).toMatchObject({
      outcome: 'upstream_failed',
      status: 200,
    });
  });

  it('that closes early but politely is a failure as well', async () => {
    app.upstream.answerWith((_request, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('only this', () => response.socket?.end());
    });
    await expect((await get('/v1/early-close')).toArray()).rejects.toThrow('aborted');
  });

  it('in the middle of an answer is a reset for an HTTP/1.0 client, for which a plain close would mean the end', async () => {
    app.upstream.answerWith((_request, response) => {
      response.write('partial', () => setTimeout(() => response.socket?.resetAndDestroy(), 20));
    });
    const answer = await sendRaw(
      app.port,
      `GET ${prefix}/v1/old HTTP/1.0\r\n${tokenHeader(person.token).join(': ')}\r\n\r\n`,
    );
    expect(answer.text).toContain('partial');
    expect(answer.reset).toBe(true);
  });

  it('by a reset before it answers is a 502 in the envelope', async () => {
    app.upstream.answerWith((request) => void request.socket.resetAndDestroy());
    const response = await fetch(`${app.proxyUrl}/v1/reset`, { headers: asPerson() });
    expect(response.status).toBe(502);
    expect(response.headers.get('x-should-retry')).toBeNull();
    expect(await response.json()).toEqual(
      envelope({
        type: 'api_error',
        message: expect.stringContaining('no answer from the upstream'),
        requestId: response.headers.get(requestIdHeader),
      }),
    );
    expect(await app.requestLine(`${prefix}/v1/reset`)).toMatchObject({
      outcome: 'upstream_failed',
      error_type: 'api_error',
      status: 502,
    });
  });
});

describe('an upstream that is not there', () => {
  const servers: (Server | TestApp)[] = [];

  afterAll(async () => {
    for (const server of servers.reverse())
      await (server instanceof TestApp ? server.close() : new Promise((done) => server.close(done)));
  });

  async function proxyTo(upstream: string, connectTimeoutMs = 10_000): Promise<Response> {
    const app = await TestApp.start({
      env: { TRACEVAULT_ANTHROPIC_UPSTREAM: upstream },
      adjust: (config) => ({ ...config, upstream: { ...config.upstream, connectTimeoutMs } }),
    });
    servers.push(app);
    const { token } = await app.signUp();
    return fetch(`${app.proxyUrl}/v1/messages`, {
      method: 'POST',
      body: '{}',
      headers: { 'x-api-key': token },
    });
  }

  async function expectBadGateway(response: Response): Promise<void> {
    expect(response.status).toBe(502);
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ type: 'error', error: { type: 'api_error' } });
    expect(text).not.toMatch(/127\.0\.0\.1:(?!3000)|ECONN|ENOTFOUND|nowhere/);
  }

  async function listening(onConnection: (socket: Socket) => void): Promise<number> {
    const server = createServer((socket) => {
      socket.resume().on('error', () => undefined);
      onConnection(socket);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }

  it('because it refuses: 502, without its address', async () => {
    await expectBadGateway(await proxyTo('http://127.0.0.1:1'));
  });

  it('because its name does not resolve: 502', async () => {
    await expectBadGateway(await proxyTo('http://nowhere.invalid'));
  });

  it('because it speaks no TLS: 502', async () => {
    const port = await listening((socket) => socket.end('not tls at all'));
    await expectBadGateway(await proxyTo(`https://127.0.0.1:${port}`));
  });

  it('because it accepts and is silent in the handshake: 502 after the connect timer', async () => {
    const sockets: Socket[] = [];
    const port = await listening((socket) => sockets.push(socket));
    const started = performance.now();
    await expectBadGateway(await proxyTo(`https://127.0.0.1:${port}`, 300));
    expect(performance.now() - started).toBeGreaterThan(290);
    for (const socket of sockets) socket.destroy();
  });

  it('does not mean one that answers late: the connect timer ends with the connection', async () => {
    const port = await listening((socket) => {
      setTimeout(() => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'), 600);
    });
    const response = await proxyTo(`http://127.0.0.1:${port}`, 200);
    expect(await response.text()).toBe('ok');
  });
});
