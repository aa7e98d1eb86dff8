import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { ErrorCode } from '../src/api/error-codes';
import { Person, TestApp } from './support/app';
import { isComplete, openSocket, readRaw, sendRaw } from './support/raw-http';

const BODY_MS = 300;

describe('a body that comes too slowly', () => {
  let app: TestApp;
  let person: Person;

  beforeAll(async () => {
    app = await TestApp.start({ adjust: (config) => ({ ...config, bodyMs: BODY_MS }) });
    person = await app.signUp();
  });
  afterAll(() => app.close());

  const head = (target: string, length: number, ...lines: string[]): string =>
    [
      `POST ${target} HTTP/1.1`,
      'host: 127.0.0.1',
      'content-type: application/json',
      `content-length: ${length}`,
      ...lines,
      '\r\n',
    ].join('\r\n');

  it('is refused by the API with 408, and its connection is closed', async () => {
    const answer = await sendRaw(app.port, `${head('/api/v1/auth/login', 100)}{`);
    expect(answer.status).toBe(408);
    expect(JSON.parse(answer.text.slice(answer.text.indexOf('{')))).toEqual({
      statusCode: 408,
      error: 'Request Timeout',
      message: expect.stringContaining('within 0.3 seconds'),
      errors: [{ code: 'request_timeout' satisfies ErrorCode, message: expect.any(String) }],
    });
    expect(answer.text).toMatch(/connection: close/i);
    expect(await app.requestLine('/api/v1/auth/login')).toMatchObject({ status: 408, outcome: 'rejected' });
  });

  it('is refused although a byte comes every now and then', async () => {
    const socket = await openSocket(app.port);
    socket.write(head('/api/v1/auth/login', 100));
    const dripping = setInterval(() => socket.write(' '), BODY_MS / 10);
    const answer = await readRaw(socket);
    clearInterval(dripping);
    expect(answer.status).toBe(408);
  });

  it('in chunks is refused all the same', async () => {
    const answer = await sendRaw(
      app.port,
      'POST /api/v1/auth/login HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n',
    );
    expect(answer.status).toBe(408);
  });

  it.each(['/api/v1/nothing', '/proxy/anthropic/v1/x'])(
    'is not waited for at %s when its client expects what nobody knows, and the log has the request',
    async (target) => {
      const answer = await sendRaw(app.port, head(target, 100, 'expect: the unexpected'));
      expect(answer.status).toBe(417);
      expect(answer.text).toMatch(/connection: close/i);
      expect(await app.requestLine(target)).toMatchObject({ status: 417, outcome: 'rejected' });
    },
  );

  it('closes the connection when the answer is out already', async () => {
    const answer = await sendRaw(app.port, `${head('/nowhere', 100)}{`);
    expect(answer.status).toBe(404);
  });

  it('is no matter of how long the work takes: a body that is in has all the time', async () => {
    const giveBack = await app.occupyDatabase();
    const body = JSON.stringify({ email: person.email, password: person.password });
    const answered = sendRaw(app.port, head('/api/v1/auth/login', body.length) + body, { until: isComplete });
    await sleep(BODY_MS * 2);
    await giveBack();
    expect((await answered).status).toBe(200);
  });

  it('has all the time on the proxy, whose uploads are large', async () => {
    app.upstream.answerWith((request, response) => {
      request.resume().on('end', () => response.end('got it'));
    });
    const socket = await openSocket(app.port);
    socket.write(`${head('/proxy/anthropic/v1/messages', 20, `x-api-key: ${person.token}`)}0123456789`);
    await app.upstream.arrival();
    await sleep(BODY_MS * 2);
    socket.write('0123456789');
    expect((await readRaw(socket, isComplete)).status).toBe(200);
  });
});

describe('connections', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start({ env: { TRACEVAULT_MAX_CONNECTIONS: '3' } });
  });
  afterAll(() => app.close());

  it('are taken up to the maximum; one more gets a 503 and the log says which variable it is', async () => {
    const held = await Promise.all(Array.from({ length: 3 }, () => openSocket(app.port)));
    await Promise.all(
      held.map((socket) => once(socket.setEncoding('latin1'), 'data', { signal: asked(socket) })),
    );

    const refused = await readRaw(await openSocket(app.port));
    expect([refused.status, refused.text]).toEqual([503, expect.stringMatching(/retry-after: 1\r\n/i)]);
    expect(app.log).toContain('TRACEVAULT_MAX_CONNECTIONS');

    held[0]!.destroy();
    while ((await connections()) > 2) await sleep(5);
    expect(
      (await sendRaw(app.port, 'GET /health/live HTTP/1.1\r\nhost: a\r\n\r\n', { until: isComplete })).status,
    ).toBe(200);
    for (const socket of held) socket.destroy();
  });

  it('that are refused by the hundred are said once in a while', async () => {
    const held = await Promise.all(Array.from({ length: 3 }, () => openSocket(app.port)));
    while ((await connections()) < 3) await sleep(5);
    await Promise.all(
      Array.from({ length: 100 }, async () => readRaw(await openSocket(app.port)).catch(() => undefined)),
    );
    expect(app.log.match(/TRACEVAULT_MAX_CONNECTIONS/g)).toHaveLength(1);
    for (const socket of held) socket.destroy();
  });

  /** Asks for something on it, so that it is known to have been taken. */
  function asked(socket: import('node:net').Socket): AbortSignal {
    socket.write('GET /health/live HTTP/1.1\r\nhost: a\r\n\r\n');
    return AbortSignal.timeout(5_000);
  }

  function connections(): Promise<number> {
    return new Promise((resolve, reject) => {
      app.server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
    });
  }
});
