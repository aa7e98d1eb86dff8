import { once } from 'node:events';
import { ClientRequest, IncomingMessage, request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { DrainService } from '../src/server/drain.service';
import { Person, useApp } from './support/app';
import { DIALECTS_UNDER_TEST } from './support/providers';
import { openSocket, sendRaw } from './support/raw-http';

const AT_ONCE_MS = 100;

describe.each(DIALECTS_UNDER_TEST)('a client of $name that goes away ends the upstream request', (row) => {
  const { provider, prefix, paths, tokenHeader } = row;
  const app = useApp({ provider });
  let person: Person;

  beforeAll(async () => {
    person = await app.signUp();
  });

  const asPerson = (): Record<string, string> => Object.fromEntries([tokenHeader(person.token)]);
  const tokenLine = (): string => tokenHeader(person.token).join(': ');

  function open(path: string, method = 'GET'): ClientRequest {
    const request = httpRequest(app.proxyUrl + path, { method, headers: asPerson() });
    request.on('error', () => undefined);
    return request;
  }

  it('before the head of the answer', async () => {
    app.upstream.answerWith(() => undefined);
    const arrival = app.upstream.arrival();
    const client = open('/v1/before-head').end();
    const upstream = await arrival;
    const left = performance.now();
    client.destroy();
    const { aborted, at } = await upstream.closed;
    expect(aborted).toBe(true);
    expect(at - left).toBeLessThan(AT_ONCE_MS);
    expect(await app.requestLine(`${prefix}/v1/before-head`)).toMatchObject({
      outcome: 'client_aborted',
    });
  });

  it('before there is one: who left while the database was asked costs nothing', async () => {
    app.upstream.answerWithDefault();
    const before = app.upstream.requests.length;
    app.invalidateAuthCache();
    const release = await app.occupyDatabase();
    const client = open('/v1/before-upstream').end();
    await once(client, 'socket');
    await new Promise((resolve) => setTimeout(resolve, 50)); // it is in the guard, which waits for a connection
    client.destroy();
    expect(await app.requestLine(`${prefix}/v1/before-upstream`)).toMatchObject({
      outcome: 'client_aborted',
    });
    await release();
    const response = await fetch(app.proxyUrl + paths.list, { headers: asPerson() });
    expect(response.status).toBe(200);
    expect(app.upstream.requests.slice(before).map(({ target }) => target)).toEqual([paths.list]);
  });

  it('in the middle of a stream', async () => {
    app.upstream.answerWith((_request, response) => {
      response.write('event: message_start\ndata: {}\n\n');
    });
    const client = open('/v1/mid-stream').end();
    const [response] = (await once(client, 'response')) as [IncomingMessage];
    await once(response, 'data');
    const upstream = app.upstream.last;
    const left = performance.now();
    client.destroy();
    const { aborted, at } = await upstream.closed;
    expect(aborted).toBe(true);
    expect(at - left).toBeLessThan(AT_ONCE_MS);
    expect(await app.requestLine(`${prefix}/v1/mid-stream`)).toMatchObject({
      outcome: 'client_aborted',
      status: 200,
    });
  });

  it.each([
    ['of declared length', { 'content-length': '1000000' }],
    ['of unknown length', { 'transfer-encoding': 'chunked' }],
  ])('during an upload %s', async (_name, headers) => {
    app.upstream.answerWith((request) => void request.resume());
    const arrival = app.upstream.arrival();
    const client = open('/v1/mid-upload', 'POST');
    for (const [name, value] of Object.entries(headers)) client.setHeader(name, value);
    client.write('a'.repeat(1000));
    const upstream = await arrival;
    const left = performance.now();
    client.destroy();
    const { at } = await upstream.closed;
    expect(at - left).toBeLessThan(AT_ONCE_MS);
    await expect(upstream.body).rejects.toThrow('cut off');
  });

  /** Connections to the upstream that a request holds. */
  async function heldAtLast(): Promise<number> {
    const held = (): number => Object.values(app.upstreamAgent.sockets).flat().length;
    for (let waited = 0; held() > 0 && waited < 3_000; waited += 20) await sleep(20);
    return held();
  }

  it('when the answer is in and waits for a slow reader, who leaves without it', async () => {
    app.upstream.answerWith(({ url = '' }, response) => {
      response.end(Buffer.alloc(Number(url.split('-')[1])));
    });
    // How much is on its way when a reader stands still depends on the system: one of these sizes is just more.
    const sockets = await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const socket = await openSocket(app.port);
        const size = 4_000_000 + index * 17_000;
        socket.pause().on('error', () => undefined);
        socket.write(`GET ${prefix}/v1/size-${size} HTTP/1.1\r\nHost: x\r\n${tokenLine()}\r\n\r\n`);
        return socket;
      }),
    );
    await sleep(1_000); // until as much is under way as there is room for
    for (const socket of sockets) socket.destroy();
    expect(await heldAtLast()).toBe(0);
  });

  it('that was answered early, when the client closes behind the rest of its upload', async () => {
    app.upstream.answerWith((_request, response) => {
      response.writeHead(429, { 'content-length': 2 }).end('no'); // and reads no further
    });
    for (const version of ['1.1', '1.0']) {
      const answer = await sendRaw(
        app.port,
        `POST ${prefix}/v1/early HTTP/${version}\r\nHost: x\r\nConnection: close\r\nContent-Length: 1000000\r\n${tokenLine()}\r\n\r\n${'a'.repeat(1_000_000)}`,
      );
      expect(answer.status).toBe(429);
    }
    expect(await heldAtLast()).toBe(0);
  });

  it('without asking the upstream again', async () => {
    app.upstream.answerWith(() => undefined);
    const before = app.upstream.requests.length;
    const client = open('/v1/no-retry').end();
    const upstream = await app.upstream.arrival(before + 1);
    client.destroy();
    await upstream.closed;
    await app.requestLine(`${prefix}/v1/no-retry`);
    expect(app.upstream.requests).toHaveLength(before + 1);
  });

  it('also behind other requests on the same connection (pipelining)', async () => {
    app.upstream.answerWith((_request, response) => void response.write('the beginning'));
    const first = app.upstream.requests.length + 1;
    const socket = await openSocket(app.port);
    const request = `GET ${prefix}/v1/piped HTTP/1.1\r\nHost: x\r\n${tokenLine()}\r\n\r\n`;
    socket.write(request.repeat(3));
    const upstream = await Promise.all([0, 1, 2].map((index) => app.upstream.arrival(first + index)));
    const left = performance.now();
    socket.destroy();
    for (const { closed } of upstream) {
      const { aborted, at } = await closed;
      expect(aborted).toBe(true);
      expect(at - left).toBeLessThan(AT_ONCE_MS);
    }
    for (const count of [1, 2, 3]) {
      expect(await app.requestLine(`${prefix}/v1/piped`, count)).toMatchObject({
        outcome: 'client_aborted',
      });
    }
    expect(await app.app.get(DrainService).drain(1_000)).toEqual([]);
  });
});
