import { createServer, Server, Socket } from 'node:net';
import { AddressInfo } from 'node:net';
import { Person, TestApp } from './support/app';

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

/** An upstream that resets a connection when a second request comes on it, as one does whose idle time is just over. */
describe('a stale connection to the upstream', () => {
  let upstream: Server;
  let app: TestApp;
  let person: Person;
  let requests: string[];

  beforeAll(async () => {
    upstream = createServer((socket: Socket) => {
      let answered = 0;
      socket.on('error', () => undefined);
      socket.on('data', (bytes) => {
        requests.push(bytes.toString('latin1').split('\r\n')[0]!);
        if (answered++ > 0 || requests.at(-1)!.includes('/v1/broken')) socket.resetAndDestroy();
        else socket.write(OK);
      });
    });
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    const { port } = upstream.address() as AddressInfo;
    app = await TestApp.start({ env: { TRACEVAULT_ANTHROPIC_UPSTREAM: `http://127.0.0.1:${port}` } });
    person = await app.signUp();
  });
  afterAll(async () => {
    await app.close();
    upstream.close();
  });

  const call = async (method: string, body?: string, path = 'v1/x'): Promise<Response> =>
    fetch(`${app.proxyUrl}/${path}`, {
      method,
      headers: { 'x-api-key': person.token },
      ...(body !== undefined && { body }),
    });

  beforeEach(async () => {
    requests = [];
    await (await call('GET')).text(); // leaves a connection that is about to be stale
    requests = [];
  });

  it.each(['GET', 'HEAD'])(
    'is no error of the client’s where asking again is harmless: %s',
    async (method) => {
      const response = await call(method);
      expect(response.status).toBe(200);
      expect(requests).toEqual([`${method} /v1/x HTTP/1.1`, `${method} /v1/x HTTP/1.1`]);
    },
  );

  it('is asked for again, and a new one that breaks is not', async () => {
    const response = await call('GET', undefined, 'v1/broken');
    expect(response.status).toBe(502);
    expect(requests).toHaveLength(2);
  });

  it.each([
    [2, 200],
    [3, 502], // and no further: an upstream that resets everything is not asked forever
    [4, 502],
  ])('is asked for on at most three connections: with %i of them stale it is a %i', async (stale, status) => {
    const parallel = await Promise.all(Array.from({ length: stale }, () => call('GET')));
    for (const response of parallel) await response.text();
    // The first of them met the connection from before, and was asked for again: now as many lie idle.
    requests = [];
    const response = await call('GET');
    expect(response.status).toBe(status);
    expect(requests).toHaveLength(3);
  });

  it.each([
    ['POST', '{}'],
    ['POST', undefined],
    ['DELETE', undefined],
  ])('is a 502 that may be retried where something could have been done: %s', async (method, body) => {
    const response = await call(method, body);
    expect(response.status).toBe(502);
    expect(response.headers.get('x-should-retry')).toBeNull();
    expect(requests).toHaveLength(1);
  });
});

describe('connections to the client', () => {
  it('outlive the 60 s after which load balancers give up an idle one', async () => {
    const app = await TestApp.start();
    expect(app.server.keepAliveTimeout).toBeGreaterThan(60_000);
    const response = await fetch(`${app.url}/health/live`);
    expect(response.headers.get('keep-alive')).toBe('timeout=75');
    await app.close();
  });

  it('to the upstream are given up after less time idle than it hints at', async () => {
    const app = await TestApp.start();
    const { token } = await app.signUp();
    app.upstream.server.keepAliveTimeout = 1_500; // sent as a hint: Keep-Alive: timeout=1
    const closed = new Promise<number>((resolve) => {
      app.upstream.server.once('connection', (socket: Socket) =>
        socket.once('end', () => resolve(performance.now())),
      );
    });
    await (await fetch(`${app.proxyUrl}/v1/models`, { headers: { 'x-api-key': token } })).text();
    await closed; // by us, with a FIN: the server's own time-out would only close without one
    await app.close();
  });
});
