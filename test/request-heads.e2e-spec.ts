import { once } from 'node:events';
import { Person, useApp } from './support/app';
import { isComplete, openSocket, RawAnswer, readRaw, sendRaw } from './support/raw-http';

/** What a server and a proxy in front of it can understand in two ways is nobody's to guess. */
describe('the head of a request', () => {
  const app = useApp();
  let person: Person;

  beforeAll(async () => {
    person = await app.signUp();
  });

  const send = (target: string, lines: readonly string[], body = ''): Promise<RawAnswer> =>
    sendRaw(app.port, [`POST ${target} HTTP/1.1`, ...lines, '', body].join('\r\n'), { until: isComplete });
  const forwarded = (): number => app.upstream.requests.length;
  const json = ({ text }: RawAnswer): unknown => JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4));
  const token = (): string => `x-api-key: ${person.token}`;
  const many = (count: number): string[] => Array.from({ length: count }, () => 'a:');

  it('with two Host headers is refused by the proxy, in the envelope that clients know', async () => {
    const before = forwarded();
    const answer = await send('/proxy/anthropic/v1/messages', [
      'host: a',
      'Host: a',
      token(),
      'content-length: 0',
    ]);
    expect([answer.status, json(answer)]).toEqual([
      400,
      expect.objectContaining({
        error: { type: 'api_error', message: expect.stringContaining('one Host header') },
      }),
    ]);
    expect(answer.text).toMatch(/x-should-retry: false/i);
    expect(forwarded()).toBe(before);
  });

  it('with two Host headers is refused by the API, and by the pages', async () => {
    for (const target of ['/api/v1/auth/login', '/', '/health/ready']) {
      const answer = await send(target, ['host: 127.0.0.1', 'HOST: 127.0.0.1', 'content-length: 0']);
      expect([target, answer.status, json(answer)]).toEqual([
        target,
        400,
        {
          statusCode: 400,
          error: 'Bad Request',
          message: expect.stringContaining('one Host header'),
          errors: [{ field: 'host', code: 'multiple_hosts', message: expect.any(String) }],
        },
      ]);
    }
  });

  it('with more headers than are read is refused, and its body does not go up without its length', async () => {
    const before = forwarded();
    const body = '{"model":"claude"}';
    const lines = ['host: a', token(), ...many(2_100), `content-length: ${body.length}`];
    const answer = await send('/proxy/anthropic/v1/messages', lines, body);
    expect([answer.status, json(answer)]).toEqual([
      431,
      expect.objectContaining({
        error: { type: 'api_error', message: expect.stringContaining('1000 headers') },
      }),
    ]);
    expect(forwarded()).toBe(before);

    const refused = await send('/api/v1/auth/login', [
      'host: 127.0.0.1',
      ...many(2_100),
      'content-length: 0',
    ]);
    expect([refused.status, json(refused)]).toEqual([431, expect.objectContaining({ statusCode: 431 })]);
    expect(await app.requestLine('/api/v1/auth/login', 2)).toMatchObject({
      status: 431,
      outcome: 'rejected',
    });
  });

  it('with as many headers as are read arrives whole', async () => {
    const body = '{"model":"claude"}';
    const lines = ['host: a', token(), ...many(996), `content-length: ${body.length}`, 'anthropic-last: it'];
    app.upstream.answerWith((request, response) => {
      request.resume().on('end', () => response.end('got it'));
    });
    const answer = await send('/proxy/anthropic/v1/messages', lines, body);
    expect(answer.status).toBe(200);
    expect(app.upstream.last.headers).toMatchObject({
      'content-length': String(body.length),
      'anthropic-last': 'it',
    });
    expect((await app.upstream.last.body).start.toString()).toBe(body);
  });

  it('of 60 KiB arrives whole: long beta lists, and the cookies of a gate in front', async () => {
    const cookies = Array.from({ length: 6 }, (_, n) => `cookie: gate${n}=${'c'.repeat(4_000)}`);
    const beta = `anthropic-beta: ${'b'.repeat(34_000)}`;
    const lines = ['host: a', token(), ...cookies, beta, 'content-length: 0'];
    expect((await send('/proxy/anthropic/v1/messages', lines)).status).toBe(200);
    expect(app.upstream.last.headers['anthropic-beta']).toHaveLength(34_000);
  });

  it('of more than 64 KiB is refused in words, and the log says so', async () => {
    const before = forwarded();
    const answer = await send('/proxy/anthropic/v1/messages', [
      'host: a',
      token(),
      `a: ${'b'.repeat(66_000)}`,
    ]);
    expect([answer.status, json(answer)]).toEqual([
      431,
      { type: 'error', error: { type: 'api_error', message: expect.stringContaining('64 KiB') } },
    ]);
    expect(answer.text).toMatch(/x-should-retry: false/);
    expect(forwarded()).toBe(before);
    expect(app.log).toMatch(/"status":431,"code":"HPE_HEADER_OVERFLOW"/);
    expect(app.log).not.toContain(person.token);
  });

  it('that can’t be read behind an answer that has begun closes the connection, and adds nothing to that', async () => {
    app.upstream.answerWith((_, response) => void response.writeHead(200).write('the beginning'));
    const get = `GET /proxy/anthropic/v1/x HTTP/1.1\r\nhost: a\r\n${token()}\r\n\r\n`;
    const socket = await openSocket(app.port);
    socket.write(get);
    await once(socket, 'data');
    socket.write('this is no HTTP\r\n\r\n');
    expect((await readRaw(socket)).text).not.toContain('400');
  });
});
