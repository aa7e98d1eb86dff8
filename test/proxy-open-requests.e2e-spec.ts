import { once } from 'node:events';
import { request as httpRequest, ServerResponse } from 'node:http';
import { Person, TestApp } from './support/app';

describe('open requests of the proxy', () => {
  let app: TestApp;
  let person: Person;
  let waiting: ServerResponse[];

  async function start(env: NodeJS.ProcessEnv): Promise<void> {
    app = await TestApp.start({ env });
    person = await app.signUp();
    waiting = [];
    app.upstream.answerWith((_, response) => {
      response.writeHead(200).flushHeaders();
      waiting.push(response);
    });
  }
  afterEach(() => app.close());

  const call = (whose = person, path = 'v1/messages', body = '{}'): Promise<Response> =>
    fetch(`${app.proxyUrl}/${path}`, { method: 'POST', headers: { 'x-api-key': whose.token }, body });

  /** The heads are in, the streams are open. */
  async function open(count: number, whose = person): Promise<Response[]> {
    return Promise.all(Array.from({ length: count }, () => call(whose)));
  }

  async function finish(responses: Response[]): Promise<void> {
    for (const response of waiting.splice(0)) response.end('done');
    for (const response of responses) expect(await response.text()).toBe('done');
  }

  it('of one agent pass by the hundred', async () => {
    await start({});
    const responses = await open(200);
    expect(responses.map(({ status }) => status)).toEqual(Array(200).fill(200));
    await finish(responses);
  });

  it('are 256 of one person at most; the next gets Anthropic’s own 429 and may come again', async () => {
    await start({});
    const responses = await open(256);
    const refused = await call();
    expect(refused.status).toBe(429);
    expect(await refused.json()).toEqual({
      type: 'error',
      error: {
        type: 'rate_limit_error',
        message: expect.stringContaining('TRACEVAULT_MAX_OPEN_REQUESTS_PER_USER'),
      },
      request_id: refused.headers.get('request-id'),
    });
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(refused.headers.get('x-should-retry')).toBeNull();
    expect(await app.requestLine('/proxy/anthropic/v1/messages')).toMatchObject({
      status: 429,
      outcome: 'rejected',
      error_type: 'rate_limit_error',
    });
    await finish(responses);
    await finish(await open(1));
  });

  it('of one person leave the others their own', async () => {
    await start({ TRACEVAULT_MAX_OPEN_REQUESTS_PER_USER: '2' });
    const other = await app.signUp();
    const responses = [...(await open(2)), ...(await open(2, other))];
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect([(await call()).status, (await call(other)).status]).toEqual([429, 429]);
    await finish(responses);
  });

  it('of all together are limited where that is set', async () => {
    await start({ TRACEVAULT_MAX_OPEN_REQUESTS: '3', TRACEVAULT_MAX_OPEN_REQUESTS_PER_USER: '0' });
    const other = await app.signUp();
    const responses = [...(await open(2)), ...(await open(1, other))];
    for (const whose of [person, other]) {
      const refused = await call(whose);
      expect([refused.status, await refused.text()]).toEqual([
        429,
        expect.stringContaining('TRACEVAULT_MAX_OPEN_REQUESTS.'),
      ]);
    }
    await finish(responses);
    await finish(await open(3, other));
  });

  it('are counted only while they are open, however they end', async () => {
    await start({ TRACEVAULT_MAX_OPEN_REQUESTS_PER_USER: '1', TRACEVAULT_MAX_OPEN_REQUESTS: '1' });
    const keyless = await app.signUp(null);
    const over = (path: string, count: number) => app.requestLine(path, count);

    for (let round = 1; round <= 3; round++) {
      // The client leaves before a head and in the middle of the stream.
      const leaving = httpRequest(`${app.proxyUrl}/v1/leaves`, {
        method: 'POST',
        headers: { 'x-api-key': person.token },
      });
      leaving.on('error', () => undefined);
      leaving.end('{}');
      const [answer] = (await once(leaving, 'response')) as [NodeJS.ReadableStream];
      answer.on('error', () => undefined);
      leaving.destroy();
      await over('/proxy/anthropic/v1/leaves', round);
      // The upstream breaks off.
      const broken = await call(person, 'v1/breaks');
      waiting.at(-1)!.destroy();
      await expect(broken.text()).rejects.toThrow();
      await over('/proxy/anthropic/v1/breaks', round);
      // Refused by the proxy itself: no key, too large.
      expect((await call(keyless, 'v1/keyless')).status).toBe(401);
      await over('/proxy/anthropic/v1/keyless', round);
      const large = await fetch(`${app.proxyUrl}/v1/large`, {
        method: 'POST',
        headers: { 'x-api-key': person.token },
        body: Buffer.alloc(32 * 1024 * 1024 + 1),
      });
      expect(large.status).toBe(413);
      await over('/proxy/anthropic/v1/large', round);
    }
    waiting.length = 0;
    await finish(await open(1));
  });

  it('whose client left while it was looked up hold no place', async () => {
    await start({ TRACEVAULT_MAX_OPEN_REQUESTS_PER_USER: '1' });
    for (let round = 0; round < 20; round++) {
      const leaving = httpRequest(`${app.proxyUrl}/v1/leaves`, { headers: { 'x-api-key': person.token } });
      leaving.on('error', () => undefined);
      leaving.flushHeaders();
      await once(leaving, 'socket').then(([socket]) => once(socket as NodeJS.EventEmitter, 'connect'));
      leaving.destroy();
    }
    // Each of them has been through, or never came.
    for (let tries = 0; tries < 200; tries++) {
      const response = await call();
      if (response.status === 200) {
        waiting.at(-1)!.end();
        return;
      }
    }
    throw new Error('A place is held by nobody');
  });
});
