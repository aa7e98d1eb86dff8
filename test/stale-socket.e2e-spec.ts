import { createServer, Server, Socket } from 'node:net';
import { AddressInfo } from 'node:net';
import { useAllProviders } from './support/all-providers';
import { TestApp } from './support/app';
import { PROVIDERS_UNDER_TEST, ProviderUnderTest } from './support/providers';

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

/** An upstream that resets a connection when a second request comes on it, as one does whose idle time is just over. */
describe('a stale connection to the upstream', () => {
  let upstream: Server;
  let requests: string[] = [];

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
  });
  const { app, person } = useAllProviders({
    adjust: (config) => {
      const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
      const baseUrls = Object.fromEntries(PROVIDERS_UNDER_TEST.map(({ provider: { id } }) => [id, url]));
      return { ...config, upstream: { ...config.upstream, baseUrls } };
    },
  });
  afterAll(() => {
    upstream.close();
  });

  const [anthropic] = PROVIDERS_UNDER_TEST as [ProviderUnderTest];
  const call = async (method: string, body?: string, path = 'v1/x', row = anthropic): Promise<Response> =>
    fetch(`${app.url}${row.prefix}/${path}`, {
      method,
      headers: [row.tokenHeader(person().token)],
      ...(body !== undefined && { body }),
    });

  /** Leaves a connection that is about to be stale. */
  async function leaveConnection(row = anthropic): Promise<void> {
    await (await call('GET', undefined, undefined, row)).text();
    requests = [];
  }
  beforeEach(() => leaveConnection());

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

  it.each(PROVIDERS_UNDER_TEST)(
    'to $name is no error of a GET, and of a POST it is one in its envelope that may be retried',
    async (row) => {
      await leaveConnection(row);
      expect((await call('GET', undefined, undefined, row)).status).toBe(200);
      requests = [];
      const refused = await call('POST', '{}', undefined, row);
      expect([refused.status, refused.headers.get('x-should-retry')]).toEqual([502, null]);
      expect(await refused.json()).toEqual(
        row.envelope({
          type: 'api_error',
          message: expect.any(String),
          requestId: refused.headers.get(row.requestIdHeader),
        }),
      );
      expect(requests).toHaveLength(1);
    },
  );
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
