import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { DrainService } from '../src/server/drain.service';
import { Person, TestApp } from './support/app';
import { PROVIDERS_UNDER_TEST } from './support/providers';
import { isComplete, openSocket, readRaw } from './support/raw-http';
import { useAllProviders } from './support/all-providers';

/** In this process; `drain` sends a real SIGTERM to the built server. */
describe('the proxy while the server drains', () => {
  let app: TestApp;
  let person: Person;

  beforeEach(async () => {
    app = await TestApp.start();
    person = await app.signUp();
  });
  afterEach(() => app.close());

  it('lets the open stream run to its end, and refuses new ones so that the client tries elsewhere', async () => {
    let finish = (): void => undefined;
    app.upstream.answerWith((_, response) => {
      response.writeHead(200).write('first half, ');
      finish = () => response.end('second half');
    });
    const headers = { 'x-api-key': person.token };
    const stream = await fetch(`${app.proxyUrl}/v1/stream`, { headers });
    const drained = app.app.get(DrainService).drain(60_000);

    expect((await fetch(`${app.proxyUrl}/v1/refused`, { headers })).status).toBe(503);
    expect(await app.requestLine('/proxy/anthropic/v1/refused')).toMatchObject({
      status: 503,
      outcome: 'rejected',
      error_type: 'api_error',
    });
    expect(app.log).not.toContain('A proxy request failed');

    finish();
    expect(await stream.text()).toBe('first half, second half');
    expect(await drained).toEqual([]);
  });

  it('is the only time that a refusal says when to come again and closes the connection', async () => {
    const refused = await fetch(`${app.proxyUrl}/v1/models`, { headers: { 'x-api-key': 'tvs_wrong' } });
    expect(refused.status).toBe(401);
    expect(refused.headers.get('retry-after')).toBeNull();
    expect(refused.headers.get('connection')).toBe('keep-alive');
  });

  /** Half of a body of twenty bytes is sent, and has arrived where it goes. */
  async function halfSent(target: string): Promise<Socket> {
    const socket = await openSocket(app.port);
    const lines = ['host: 127.0.0.1', `x-api-key: ${person.token}`, 'content-type: application/json'];
    socket.write([`POST ${target} HTTP/1.1`, ...lines, 'content-length: 20', '', '0123456789'].join('\r\n'));
    return socket;
  }

  it('does not wait for bodies that do not come, under /api and on the proxy', async () => {
    const sockets = [await halfSent('/api/v1/auth/login'), await halfSent('/proxy/anthropic/v1/messages')];
    await app.upstream.arrival();
    const closed = sockets.map((socket) => readRaw(socket, undefined, 20_000));
    expect(await app.app.get(DrainService).drain(60_000, 200)).toEqual([]);
    for (const { text } of await Promise.all(closed)) expect(text).toBe('');
    expect(await app.requestLine('/proxy/anthropic/v1/messages')).toMatchObject({
      outcome: 'client_aborted',
    });
  });

  it('waits for a body that comes slowly, and for the answer', async () => {
    app.upstream.answerWith((request, response) => {
      request.resume().on('end', () => response.end('got it'));
    });
    const socket = await halfSent('/proxy/anthropic/v1/messages');
    await app.upstream.arrival();
    const drained = app.app.get(DrainService).drain(60_000, 400);
    for (let sent = 0; sent < 10; sent++) {
      socket.write('x');
      await sleep(100);
    }
    expect(await readRaw(socket, isComplete)).toMatchObject({ status: 200 });
    expect(await drained).toEqual([]);
  });

  it('waits for the answer to a request whose body is whole, however long it takes', async () => {
    let finish = (): void => undefined;
    app.upstream.answerWith((_, response) => {
      finish = () => response.end('at last');
    });
    const answer = fetch(`${app.proxyUrl}/v1/messages`, {
      method: 'POST',
      body: '{}',
      headers: { 'x-api-key': person.token },
    });
    await app.upstream.arrival();
    const drained = app.app.get(DrainService).drain(60_000, 50);
    await sleep(300);
    finish();
    expect(await (await answer).text()).toBe('at last');
    expect(await drained).toEqual([]);
  });
});

describe('a server that drains', () => {
  const { app, person } = useAllProviders();
  const streams = new Map<string, Response>();
  const finish: (() => void)[] = [];
  let drained: Promise<unknown>;

  beforeAll(async () => {
    app.upstream.answerWith((_, response) => {
      response.writeHead(200).write('first half, ');
      finish.push(() => response.end('second half'));
    });
    for (const { prefix, tokenHeader } of PROVIDERS_UNDER_TEST) {
      const url = `${app.url}${prefix}/v1/stream`;
      streams.set(prefix, await fetch(url, { headers: [tokenHeader(person().token)] }));
    }
    drained = app.app.get(DrainService).drain(60_000);
  });

  it.each(PROVIDERS_UNDER_TEST)('refuses new requests to $name in its envelope', async (row) => {
    const url = `${app.url}${row.prefix}/v1/refused`;
    const refused = await fetch(url, { headers: [row.tokenHeader(person().token)] });
    expect([refused.status, refused.headers.get('content-type')]).toEqual([503, row.errorContentType]);
    expect(await refused.json()).toEqual(
      row.envelope({
        type: 'api_error',
        message: expect.stringContaining('shutting down'),
        requestId: refused.headers.get(row.requestIdHeader),
      }),
    );
    expect(refused.headers.get(row.requestIdHeader)).toMatch(/^req_tv_/);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(refused.headers.get('connection')).toBe('close');
    expect(refused.headers.get('x-should-retry')).toBeNull();
  });

  it('lets an open stream of each provider run to its end', async () => {
    for (const end of finish) end();
    for (const stream of streams.values()) expect(await stream.text()).toBe('first half, second half');
    expect(streams.size).toBe(PROVIDERS_UNDER_TEST.length);
    expect(await drained).toEqual([]);
  });
});
