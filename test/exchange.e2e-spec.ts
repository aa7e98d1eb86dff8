import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import { AddressInfo } from 'node:net';
import { ByteTap, Exchange } from '../src/exchange/exchange';
import { ExchangeObserver, Exchanges } from '../src/exchange/exchanges';
import { Person, TestApp } from './support/app';
import { openSocket } from './support/raw-http';

/** Keeps a copy of everything that passes, and how it ended. */
class Recorder implements ByteTap {
  readonly sent: Buffer[] = [];
  readonly received: Buffer[] = [];
  readonly heads: number[] = [];
  readonly ends: string[] = [];

  requestChunk(chunk: Buffer): void {
    this.sent.push(Buffer.from(chunk));
  }

  responseHead(status: number): void {
    this.heads.push(status);
  }

  responseChunk(chunk: Buffer): void {
    this.received.push(Buffer.from(chunk));
  }

  end(outcome: string): void {
    this.ends.push(outcome);
  }
}

describe('an exchange', () => {
  let app: TestApp;
  let person: Person;
  let ended: Exchange[];
  /** What the observer of the test under way does; it is added once, as all observers are. */
  let watching: ExchangeObserver;

  beforeAll(async () => {
    app = await TestApp.start();
    person = await app.signUp();
    app.app.get(Exchanges).observe({
      onBegin: (exchange) => watching.onBegin?.(exchange),
      onForward: (exchange) => watching.onForward?.(exchange),
      onEnd: (exchange) => {
        ended.push(exchange);
        watching.onEnd?.(exchange);
      },
    });
  });
  beforeEach(() => {
    [ended, watching] = [[], {}];
    app.upstream.answerWithDefault();
  });
  afterAll(() => app.close());

  const headers = (): Record<string, string> => ({ 'x-api-key': person.token });
  const echo = (): void => {
    app.upstream.answerWith((request, response) => void request.pipe(response));
  };
  const post = async (path: string, body: Buffer): Promise<Buffer> => {
    const response = await fetch(app.proxyUrl + path, {
      method: 'POST',
      headers: headers(),
      body: new Uint8Array(body),
    });
    return Buffer.from(await response.arrayBuffer());
  };
  const end = async (): Promise<Exchange> => {
    while (ended.length === 0) await new Promise((resolve) => setImmediate(resolve));
    return ended[0]!;
  };

  it('has one listener of ours for the end of its response, and one for its pace', async () => {
    let begun: Exchange | undefined;
    watching = { onBegin: (exchange) => void (begun = exchange) };
    app.upstream.answerWith((_, response) => void response.write('half'));
    const client = httpRequest(`${app.proxyUrl}/v1/listeners`, { headers: headers() }).end();
    const [response] = (await once(client, 'response')) as [NodeJS.ReadableStream];
    await once(response, 'data');
    const { response: open } = begun!;
    const counts = open.eventNames().map((name) => [name, open.listenerCount(name)]);
    expect(Object.fromEntries(counts)).toEqual({ close: 1, drain: 1, finish: 1 }); // 'finish' is node:http's
    client.on('error', () => undefined).destroy();
    expect((await end()).outcome).toBe('client_aborted');
  });

  it('shows a tap every byte of both directions, and one end', async () => {
    const tap = new Recorder();
    watching = { onForward: () => tap };
    echo();
    const body = randomBytes(3_000_000);
    expect((await post('/v1/echo', body)).equals(body)).toBe(true);
    const exchange = await end();
    expect(Buffer.concat(tap.sent).equals(body)).toBe(true);
    expect(Buffer.concat(tap.received).equals(body)).toBe(true);
    expect([tap.heads, tap.ends]).toEqual([[200], ['completed']]);
    expect([exchange.requestBytes, exchange.responseBytes]).toEqual([body.length, body.length]);
  });

  const bad = (): never => {
    throw new Error('a fault in what only watches');
  };
  const slow = (): void => {
    const until = performance.now() + 5;
    while (performance.now() < until);
  };
  it.each<[string, number, ExchangeObserver]>([
    ['throws when a request begins', 1, { onBegin: bad }],
    ['throws when a request is forwarded', 1, { onForward: bad }],
    ['throws at the end', 1, { onEnd: bad }],
    ['has a tap that throws at the first byte up', 1, { onForward: () => ({ requestChunk: bad, end: bad }) }],
    ['has a tap that throws at the head', 1, { onForward: () => ({ responseHead: bad, end: bad }) }],
    [
      'has a tap that throws at the first byte down',
      1,
      { onForward: () => ({ responseChunk: bad, end: bad }) },
    ],
    ['has a tap that throws at the end', 1, { onForward: () => ({ end: bad }) }],
    ['is slow', 0, { onForward: () => ({ requestChunk: slow, responseChunk: slow, end: slow }) }],
  ])('is not disturbed by an observer that %s', async (_, count, observer) => {
    const { failures } = app.app.get(Exchanges);
    watching = observer;
    echo();
    const body = randomBytes(500_000);
    expect((await post('/v1/echo', body)).equals(body)).toBe(true);
    const exchange = await end();
    expect(exchange.outcome).toBe('completed');
    // A tap that has thrown is dropped, and told nothing more.
    expect(app.app.get(Exchanges).failures - failures).toBe(count);
  });

  it('says in the log that an observer has failed, once and without a byte of the request', () => {
    const lines = app.log.split('\n').filter((line) => line.includes('An observer of requests failed'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('a fault in what only watches');
  });

  it.each([
    ['before a caller is known', 'GET /proxy/anthropic/v1/models HTTP/1.1\r\nhost: x\r\n\r\n', 'rejected'],
    ['with a head that is refused', 'GET /proxy/anthropic/v1/v1/x HTTP/1.1\r\nhost: x\r\n\r\n', 'rejected'],
    ['of HTTP/1.0', 'GET /proxy/anthropic/v1/models HTTP/1.0\r\nx-api-key: TOKEN\r\n\r\n', 'completed'],
    ['that is a page', 'GET / HTTP/1.1\r\nhost: localhost\r\n\r\n', 'completed'],
    ['that expects what nobody knows', 'GET / HTTP/1.1\r\nhost: x\r\nexpect: x\r\n\r\n', 'rejected'],
  ])('ends once: %s', async (_, head, outcome) => {
    const socket = await openSocket(app.port);
    socket.write(head.replace('TOKEN', person.token));
    const exchange = await end();
    socket.destroy();
    await once(socket, 'close');
    exchange.end();
    expect(ended.map((one) => one.outcome)).toEqual([outcome]);
    expect(app.app.get(Exchanges).openCount).toBe(0);
  });

  it('ends once for each of those that wait in line on one connection, when it closes', async () => {
    app.upstream.answerWith(() => undefined);
    const tap = new Recorder();
    watching = { onForward: () => tap };
    const arrivals = [1, 2, 3].map((n) => app.upstream.arrivalOf(`/v1/line-${n}`));
    const socket = await openSocket(app.port);
    for (const n of [1, 2, 3])
      socket.write(
        `GET /proxy/anthropic/v1/line-${n} HTTP/1.1\r\nhost: x\r\nx-api-key: ${person.token}\r\n\r\n`,
      );
    const upstream = await Promise.all(arrivals);
    socket.destroy();
    for (const { closed } of upstream) expect((await closed).aborted).toBe(true);
    expect(ended.map(({ outcome }) => outcome)).toEqual(Array(3).fill('client_aborted'));
    expect(tap.ends).toEqual(Array(3).fill('client_aborted'));
    expect(app.app.get(Exchanges).openCount).toBe(0);
  });

  it('counts what was sent of an upload of declared length that breaks off', async () => {
    app.upstream.answerWith((request) => void request.resume());
    const arrival = app.upstream.arrivalOf('/v1/breaks-off');
    const socket = await openSocket(app.port);
    socket.write(
      `POST /proxy/anthropic/v1/breaks-off HTTP/1.1\r\nhost: x\r\nx-api-key: ${person.token}\r\ncontent-length: 1000\r\n\r\n0123456789`,
    );
    await arrival;
    socket.destroy();
    expect(await end()).toMatchObject({ requestBytes: 10, outcome: 'client_aborted' });
  });

  it('notes each request to the upstream: when, how far, and its id there', async () => {
    app.upstream.answerWith(
      (_, response) => void response.writeHead(200, { 'request-id': 'req_theirs' }).end('ok'),
    );
    await post('/v1/attempts', Buffer.from('x'));
    const { attempts, startedAt, responseHeadAt } = await end();
    expect(attempts).toEqual([
      { sentAt: expect.any(Number), headAt: expect.any(Number), requestId: 'req_theirs', failure: undefined },
    ]);
    const inOrder = [startedAt, attempts[0]!.sentAt, attempts[0]!.headAt!, responseHeadAt!];
    expect([...inOrder].sort((a, b) => a - b)).toEqual(inOrder);
  });
});

describe('an exchange whose upstream can’t be reached', () => {
  it('has read nothing of the body, so that it could still be sent elsewhere', async () => {
    const { port } = await closedPort();
    const app = await TestApp.start({ env: { TRACEVAULT_ANTHROPIC_UPSTREAM: `http://127.0.0.1:${port}` } });
    const person = await app.signUp();
    const ended = new Promise<Exchange>((onEnd) => app.app.get(Exchanges).observe({ onEnd }));
    const response = await fetch(`${app.proxyUrl}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': person.token },
      body: 'x'.repeat(100_000),
    });
    expect(response.status).toBe(502);
    const { requestBytes, attempts, outcome } = await ended;
    expect([requestBytes, outcome]).toEqual([0, 'upstream_failed']);
    expect(attempts).toMatchObject([{ failure: 'connect_refused', headAt: undefined }]);
    await app.close();
  });
});

/** A port of this machine on which nobody listens. */
async function closedPort(): Promise<AddressInfo> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address() as AddressInfo;
  server.close();
  return address;
}
