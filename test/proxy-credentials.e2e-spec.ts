import { randomBytes } from 'node:crypto';
import { SessionEntity } from '../src/auth/session.entity';
import { Person, useApp } from './support/app';
import { DIALECTS_UNDER_TEST } from './support/providers';
import { isComplete, sendRaw } from './support/raw-http';

describe.each(DIALECTS_UNDER_TEST)('credentials at the proxy to $name', (row) => {
  const { provider, prefix, paths, requestIdHeader, envelope } = row;
  const { key, clients } = provider;
  const app = useApp({ provider });
  let person: Person;
  let other: Person;

  beforeAll(async () => {
    person = await app.signUp();
    other = await app.signUp();
  });

  async function call(headers: Record<string, string>): Promise<Response> {
    return fetch(app.proxyUrl + paths.list, { headers });
  }

  /** The header of this provider's own in which a client sends its token, or else `Authorization: Bearer`. */
  const withToken = (token: string): Record<string, string> => Object.fromEntries([row.tokenHeader(token)]);
  const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

  /** All headers that arrived at the upstream and could carry a credential. */
  function credentialsSent(): [string, string][] {
    const { rawHeaders } = app.upstream.last;
    return rawHeaders.flatMap((name, index) =>
      index % 2 === 0 && /^(?:authorization|cookie|.*api-?key.*)$/i.test(name)
        ? [[name.toLowerCase(), rawHeaders[index + 1]!]]
        : [],
    );
  }

  it.each<[string, () => Record<string, string>]>([
    ['the header of the provider', () => withToken(person.token)],
    ['Authorization: Bearer', () => bearer(person.token)],
    ['a Bearer scheme in other case', () => ({ authorization: `bEaReR ${person.token}` })],
    ['the same token in both', () => ({ ...bearer(person.token), ...withToken(person.token) })],
    ['both, of which the first is empty', () => ({ ...withToken(''), ...bearer(person.token) })],
    ['a Bearer beside a header of another provider', () => ({ ...bearer(person.token), 'api-key': 'x' })],
  ])('are taken from %s; exactly one key goes upstream', async (_name, headers) => {
    expect((await call(headers())).status).toBe(200);
    expect(credentialsSent()).toEqual([row.keyHeader(person.apiKey)]);
  });

  for (const ownHeader of provider.tokenHeaders) {
    it('in two headers are one: that of the provider counts, also when it is wrong', async () => {
      expect((await call({ ...withToken(other.token), ...bearer(person.token) })).status).toBe(200);
      expect(credentialsSent()).toEqual([row.keyHeader(other.apiKey)]);
      expect((await call({ ...withToken('tvs_wrong'), ...bearer(person.token) })).status).toBe(401);
    });

    it('are one when the header comes twice with the same token, and none with two', async () => {
      const twice = (first: string, second: string): string =>
        `GET ${prefix}${paths.list} HTTP/1.1\r\nhost: a\r\n${ownHeader}: ${first}\r\n${ownHeader.toUpperCase()}: ${second}\r\n\r\n`;
      const status = async (request: string): Promise<number> =>
        (await sendRaw(app.port, request, { until: isComplete })).status;
      expect(await status(twice(person.token, person.token))).toBe(200);
      expect(credentialsSent()).toEqual([row.keyHeader(person.apiKey)]);
      expect(await status(twice(person.token, other.token))).toBe(401);
    });
  }

  it.each(['Bearer Bearer T', 'Bearer\tT', 'Bearer', 'Bearer  ', 'Bearer T T'])(
    'in a malformed Authorization get 401 and hear what is wrong with it: %j',
    async (form) => {
      const request = `GET ${prefix}${paths.list} HTTP/1.1\r\nhost: a\r\nauthorization: ${form.replaceAll('T', person.token)}\r\n\r\n`;
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

  it.each<[string, () => RequestInit & { query?: string }]>([
    [
      'the query string',
      () => ({ query: `?x-api-key=${person.token}&access_token=${person.token}&api_key=${person.token}` }),
    ],
    ['a cookie', () => ({ headers: { cookie: `tracevault_session_3000=${person.token}` } })],
  ])('are never taken from %s', async (_name, make) => {
    const { query = '', ...init } = make();
    expect((await fetch(app.proxyUrl + paths.list + query, init)).status).toBe(401);
  });

  async function expectFinal401(response: Response): Promise<string> {
    expect(response.status).toBe(401);
    const [noRetry = '', value] = row.noRetry.split(': ');
    expect(response.headers.get(noRetry)).toBe(value);
    const requestId = response.headers.get(requestIdHeader);
    expect(requestId).toMatch(/^req_tv_/);
    const body = (await response.json()) as { error: { message: string } };
    expect(body).toEqual(envelope({ type: 'authentication_error', message: expect.any(String), requestId }));
    return body.error.message;
  }

  it('that are missing get 401 and are told what to set', async () => {
    expect(await expectFinal401(await call({}))).toContain(clients.tokens[0]!.variable);
  });

  it('of a revoked session get 401 from the next request on', async () => {
    const leaver = await app.signUp();
    expect((await call(withToken(leaver.token))).status).toBe(200);
    await app.api('POST', 'auth/logout', { token: leaver.token });
    await expectFinal401(await call(withToken(leaver.token)));
  });

  it('of an expired session get 401', async () => {
    const sleeper = await app.signUp();
    await app.dataSource
      .getRepository(SessionEntity)
      .update({ userId: sleeper.userId }, { expiresAt: new Date(Date.now() - 1000) });
    await expectFinal401(await call(withToken(sleeper.token)));
  });

  it('that are an org’s API key get 401 and hear that the proxy is per person', async () => {
    const created = await app.api('POST', `orgs/${person.org}/api-keys`, {
      token: person.token,
      body: { name: 'ci' },
    });
    const { key } = (await created.json()) as { key: string };
    expect(await expectFinal401(await call(withToken(key)))).toContain('per person');
  });

  it('that are the provider’s key get 401, a word of warning, and go nowhere', async () => {
    const before = app.upstream.requests.length;
    const message = await expectFinal401(await call(withToken(`${key.prefix}api03-oops`)));
    expect(message).toContain(`This is ${key.called}`);
    expect(message).not.toContain('oops');
    expect(app.upstream.requests).toHaveLength(before);
  });

  it('of a person without a stored key get 401 and hear where to store one', async () => {
    const newcomer = await app.signUp(null);
    expect(await expectFinal401(await call(withToken(newcomer.token)))).toContain(`PUT ${key.endpoint}`);
  });

  it('take effect at once when the key behind them is replaced or removed', async () => {
    const owner = await app.signUp();
    const second = `${key.prefix}second`;
    await app.storeKey(owner.token, second);
    await call(withToken(owner.token));
    expect(credentialsSent()).toEqual([row.keyHeader(second)]);
    await app.api('DELETE', `me/keys/${provider.id}`, { token: owner.token });
    await expectFinal401(await call(withToken(owner.token)));
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
    await expectFinal401(await call(withToken(token)));
    await expectFinal401(await call(bearer(token)));
    expect(app.log).not.toContain(token);
  });

  it('of bytes that are no text get 401 as well', async () => {
    const head = Buffer.concat([
      Buffer.from(`GET ${prefix}${paths.list} HTTP/1.1\r\nHost: x\r\n${row.tokenHeader('tvs_').join(': ')}`),
      Buffer.from([0xff, 0xfe, 0x80, 0xc0]),
      Buffer.from('\r\n\r\n'),
    ]);
    expect((await sendRaw(app.port, head, { until: isComplete })).status).toBe(401);
  });
});
