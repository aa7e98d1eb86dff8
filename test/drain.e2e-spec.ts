import { once } from 'node:events';
import { IncomingMessage, request as httpRequest, ServerResponse } from 'node:http';
import { freshDatabase } from './support/database';
import { FakeAnthropic } from './support/fake-anthropic';
import { openSocket, readRaw } from './support/raw-http';
import { runBuilt, runServer, signUpAt, TestProcess } from './support/process';

describe('SIGTERM', () => {
  let upstream: FakeAnthropic;
  let server: TestProcess;
  let url: string;
  let token: string;
  let source: ServerResponse;

  beforeEach(async () => {
    upstream = await FakeAnthropic.start();
    ({ server, url } = await runServer({
      ...(await freshDatabase()),
      TRACEVAULT_ANTHROPIC_UPSTREAM: upstream.url,
      TRACEVAULT_DRAIN_SECONDS: '3',
    }));
    token = await signUpAt(url);
  });
  afterEach(async () => {
    server.child.kill('SIGKILL');
    await upstream.close();
  });

  async function openStream(): Promise<IncomingMessage> {
    const opened = new Promise<ServerResponse>((resolve) => {
      upstream.answerWith((_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.flushHeaders();
        resolve(response);
      });
    });
    const request = httpRequest(`${url}/proxy/anthropic/v1/messages`, {
      headers: { 'x-api-key': token },
    }).end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    source = await opened;
    return response;
  }

  it('turns readiness off, refuses new work, lets an open stream run to its end, and exits 0', async () => {
    const stream = await openStream();
    server.child.kill('SIGTERM');
    await server.says(/Draining/);

    const ready = await fetch(`${url}/health/ready`);
    expect([ready.status, await ready.json()]).toEqual([
      503,
      { status: 'unavailable', database: 'up', draining: true },
    ]);
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    const refused = await fetch(`${url}/proxy/anthropic/v1/messages`, { headers: { 'x-api-key': token } });
    expect(refused.status).toBe(503);
    expect(refused.headers.get('x-should-retry')).toBeNull();
    expect(await refused.json()).toMatchObject({ type: 'error', error: { type: 'api_error' } });

    source.end('the end');
    expect((await stream.toArray()).join('')).toBe('the end');
    expect(await server.exit).toBe(0);
    expect(server.output).toMatch(/"outcome":"completed"/);
  });

  it('lets fifty open streams run to their ends', async () => {
    const sources: ServerResponse[] = [];
    upstream.answerWith((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      sources.push(response);
    });
    const streams = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const request = httpRequest(`${url}/proxy/anthropic/v1/messages`, {
          agent: false,
          headers: { 'x-api-key': token },
        });
        const [response] = (await once(request.end(), 'response')) as [IncomingMessage];
        return response;
      }),
    );
    server.child.kill('SIGTERM');
    await server.says(/Draining/);
    for (const [index, each] of sources.entries()) each.end(`end of ${index}`);
    const texts = await Promise.all(streams.map(async (stream) => (await stream.toArray()).join('')));
    expect(new Set(texts).size).toBe(50);
    expect(await server.exit).toBe(0);
    expect(server.output.match(/"outcome":"completed"[^\n]*/g)?.length).toBeGreaterThanOrEqual(50);
  });

  it('cuts a stream off at the deadline, visibly, and exits 0', async () => {
    const stream = await openStream();
    source.write('the beginning');
    server.child.kill('SIGTERM');
    await expect(stream.toArray()).rejects.toThrow('aborted');
    expect(await server.exit).toBe(0);
    expect(server.output).toMatch(/"The deadline cut off open requests"/);
  });

  it('resets a client of HTTP/1.0 at the deadline, for whom a close would end the answer', async () => {
    upstream.answerWith((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('the beginning');
    });
    const { port } = new URL(url);
    const socket = await openSocket(Number(port));
    const answer = readRaw(socket, undefined, 10_000);
    socket.write(`GET /proxy/anthropic/v1/messages HTTP/1.0\r\nx-api-key: ${token}\r\n\r\n`);
    await once(socket, 'data');
    server.child.kill('SIGTERM');
    expect(await answer).toMatchObject({ status: 200, reset: true });
    expect(await server.exit).toBe(0);
  });

  it('ends an idle server at once', async () => {
    const idle = await fetch(`${url}/health/live`); // leaves a kept-alive connection
    await idle.text();
    const started = performance.now();
    server.child.kill('SIGTERM');
    expect(await server.exit).toBe(0);
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('ends a server that still waits for its database', async () => {
    const starting = runBuilt('src/main.js', {
      DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
      TRACEVAULT_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
    });
    await starting.says(/Unable to connect to the database/);
    starting.child.kill('SIGTERM');
    expect(await starting.exit).toBe(143); // and not the signal itself, which process 1 of a container would not get
  });

  it('a second time does not wait for streams, but one Ctrl-C that arrives twice counts once', async () => {
    const stream = await openStream();
    stream.on('error', () => undefined);
    server.child.kill('SIGINT');
    server.child.kill('SIGINT');
    await server.says(/Draining/);
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    const impatient = setInterval(() => server.child.kill('SIGINT'), 50);
    expect(await server.exit).toBe(1);
    clearInterval(impatient);
  });
});
