import { randomBytes } from 'node:crypto';
import { SessionEntity } from '../src/auth/session.entity';
import { Person, TestApp } from './support/app';
import { isComplete, sendRaw } from './support/raw-http';

describe('credentials at the proxy', () => {
  let app: TestApp;
  let person: Person;
  let other: Person;

  beforeAll(async () => {
    app = await TestApp.start();
    person = await app.signUp();
    other = await app.signUp();
  });
  afterAll(() => app.close());

  async function call(headers: Record<string, string>): Promise<Response> {
    return fetch(`${app.proxyUrl}/v1/models`, { headers });
  }

  function keysSent(): string[] {
    const { rawHeaders } = app.upstream.last;
    return rawHeaders.filter(
      (_, index) => index % 2 === 1 && rawHeaders[index - 1]!.toLowerCase() === 'x-api-key',
    );
  }

  it.each<[string, () => Record<string, string>, () => Person]>([
    ['x-api-key', () => ({ 'x-api-key': person.token }), () => person],
    ['Authorization: Bearer', () => ({ authorization: `Bearer ${person.token}` }), () => person],
    ['a Bearer scheme in other case', () => ({ authorization: `bEaReR ${person.token}` }), () => person],
    [
      'the same token in both',
      () => ({ 'x-api-key': person.token, authorization: `Bearer ${person.token}` }),
      () => person,
    ],
    [
      'an empty x-api-key beside a Bearer',
      () => ({ 'x-api-key': '', authorization: `Bearer ${person.token}` }),
      () => person,
    ],
    [
      'two different ones: x-api-key wins',
      () => ({ 'x-api-key': other.token, authorization: `Bearer ${person.token}` }),
      () => other,
    ],
  ])('are taken from %s; exactly one key goes upstream', async (_name, headers, owner) => {
    expect((await call(headers())).status).toBe(200);
    expect(keysSent()).toEqual([owner().anthropicKey]);
    expect(app.upstream.last.headers.authorization).toBeUndefined();
  });

  it('are one when x-api-key comes twice with the same token, and none with two', async () => {
    const twice = (first: string, second: string): string =>
      `GET /proxy/anthropic/v1/models HTTP/1.1\r\nhost: a\r\nx-api-key: ${first}\r\nX-Api-Key: ${second}\r\n\r\n`;
    const status = async (request: string): Promise<number> =>
      (await sendRaw(app.port, request, { until: isComplete })).status;
    expect(await status(twice(person.token, person.token))).toBe(200);
    expect(keysSent()).toEqual([person.anthropicKey]);
    expect(await status(twice(person.token, other.token))).toBe(401);
  });

  it.each(['Bearer Bearer T', 'Bearer\tT', 'Bearer', 'Bearer  ', 'Bearer T T'])(
    'in a malformed Authorization get 401 and hear what is wrong with it: %j',
    async (form) => {
      const request = `GET /proxy/anthropic/v1/models HTTP/1.1\r\nhost: a\r\nauthorization: ${form.replaceAll('T', person.token)}\r\n\r\n`;
      const answer = await sendRaw(app.port, request, { until: isComplete });
      expect(answer.status).toBe(401);
      expect(answer.text).toContain('must be the word Bearer, one space and the token');
      expect(answer.text).not.toContain(person.token);
      const api = await app.api('GET', 'auth/me', {
        headers: { authorization: form.replaceAll('T', person.token) },
      });
      expect([api.status, await api.json()]).toMatchObject([
        401,
        { message: expect.stringContaining('must be the word Bearer, one space and the token') },
      ]);
    },
  );

  it('of two different ones the x-api-key counts, also when it is the wrong one', async () => {
    expect((await call({ 'x-api-key': 'tvs_wrong', authorization: `Bearer ${person.token}` })).status).toBe(
      401,
    );
  });

  it.each<[string, () => RequestInit & { query?: string }]>([
    ['the query string', () => ({ query: `?x-api-key=${person.token}&access_token=${person.token}` })],
    ['a cookie', () => ({ headers: { cookie: `tracevault_session_3000=${person.token}` } })],
  ])('are never taken from %s', async (_name, make) => {
    const { query = '', ...init } = make();
    expect((await fetch(`${app.proxyUrl}/v1/models${query}`, init)).status).toBe(401);
  });

  async function expectFinal401(response: Response): Promise<string> {
    expect(response.status).toBe(401);
    expect(response.headers.get('x-should-retry')).toBe('false');
    const body = (await response.json()) as { error: { message: string }; request_id: string };
    expect(body).toMatchObject({ type: 'error', error: { type: 'authentication_error' } });
    expect(body.request_id).toBe(response.headers.get('request-id'));
    return body.error.message;
  }

  it('that are missing get 401 and are told what to set', async () => {
    expect(await expectFinal401(await call({}))).toContain('ANTHROPIC_API_KEY');
  });

  it('of a revoked session get 401 from the next request on', async () => {
    const leaver = await app.signUp();
    expect((await call({ 'x-api-key': leaver.token })).status).toBe(200);
    await app.api('POST', 'auth/logout', { token: leaver.token });
    await expectFinal401(await call({ 'x-api-key': leaver.token }));
  });

  it('of an expired session get 401', async () => {
    const sleeper = await app.signUp();
    await app.dataSource
      .getRepository(SessionEntity)
      .update({ userId: sleeper.userId }, { expiresAt: new Date(Date.now() - 1000) });
    await expectFinal401(await call({ 'x-api-key': sleeper.token }));
  });

  it('that are an org’s API key get 401 and hear that the proxy is per person', async () => {
    const created = await app.api('POST', `orgs/${person.org}/api-keys`, {
      token: person.token,
      body: { name: 'ci' },
    });
    const { key } = (await created.json()) as { key: string };
    expect(await expectFinal401(await call({ 'x-api-key': key }))).toContain('per person');
  });

  it('that are an Anthropic key get 401, a word of warning, and go nowhere', async () => {
    const before = app.upstream.requests.length;
    const message = await expectFinal401(await call({ 'x-api-key': 'sk-ant-api03-oops' }));
    expect(message).toContain('Anthropic key');
    expect(message).not.toContain('oops');
    expect(app.upstream.requests).toHaveLength(before);
  });

  it('of a person without a stored key get 401 and hear where to store one', async () => {
    const newcomer = await app.signUp(null);
    expect(await expectFinal401(await call({ 'x-api-key': newcomer.token }))).toContain(
      'PUT /api/v1/me/anthropic-key',
    );
  });

  it('take effect at once when the key behind them is replaced or removed', async () => {
    const owner = await app.signUp();
    await app.storeKey(owner.token, 'sk-ant-second');
    await call({ 'x-api-key': owner.token });
    expect(keysSent()).toEqual(['sk-ant-second']);
    await app.api('DELETE', 'me/anthropic-key', { token: owner.token });
    await expectFinal401(await call({ 'x-api-key': owner.token }));
  });

  const half = (text: string): string => text.slice(0, text.length / 2);
  it.each<[string, () => string]>([
    ['SQL', () => "tvs_' OR 1=1; DROP TABLE users; --"],
    ['half a token', () => half(person.token)],
    ['a token and more', () => `${person.token}0`],
    ['a token in upper case', () => person.token.toUpperCase()],
    ['the token’s hash', () => 'a'.repeat(64)],
    ['an unknown token', () => `tvs_${randomBytes(32).toString('hex')}`],
    ['8 KB', () => `tvs_${'a'.repeat(8000)}`],
    ['JSON', () => '{"$ne":null}'],
    ['format strings', () => '%s%n%x\\u0000'],
    ['two tokens', () => `${person.token}, ${person.token}`],
  ])('of the shape «%s» get 401 and leave no trace in the log', async (_name, make) => {
    const token = make();
    await expectFinal401(await call({ 'x-api-key': token }));
    await expectFinal401(await call({ authorization: `Bearer ${token}` }));
    expect(app.log).not.toContain(token);
  });

  it('of bytes that are no text get 401 as well', async () => {
    const head = Buffer.concat([
      Buffer.from('GET /proxy/anthropic/v1/models HTTP/1.1\r\nHost: x\r\nx-api-key: tvs_'),
      Buffer.from([0xff, 0xfe, 0x80, 0xc0]),
      Buffer.from('\r\n\r\n'),
    ]);
    expect((await sendRaw(app.port, head, { until: isComplete })).status).toBe(401);
  });
});
