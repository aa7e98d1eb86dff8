import { DeviceAuthorizationEntity } from '../src/accounts/device-authorization.entity';
import { RetentionService } from '../src/retention/retention.service';
import { Person, TestApp } from './support/app';
import { sendRaw } from './support/raw-http';

interface Begun {
  device_code: string;
  user_code: string;
  verification_uri: string;
  verification_uri_complete: string;
  expires_in: number;
  interval: number;
}

describe('device login', () => {
  let app: TestApp;
  let ada: Person;

  beforeAll(async () => {
    app = await TestApp.start({ env: { TRACEVAULT_PUBLIC_URL: 'https://vault.example' } });
    ada = await app.signUp();
  });
  afterAll(() => app.close());

  const rows = () => app.dataSource.getRepository(DeviceAuthorizationEntity);
  const begin = async (body: object = { client_name: 'tracevault on laptop' }): Promise<Begun> => {
    const response = await app.api('POST', 'auth/device/authorize', { body });
    expect(response.status).toBe(200);
    return (await response.json()) as Begun;
  };
  const poll = async (device_code: string): Promise<[number, Record<string, unknown>]> => {
    const response = await app.api('POST', 'auth/device/token', { body: { device_code } });
    return [response.status, (await response.json()) as Record<string, unknown>];
  };
  const decide = async (user_code: string, action?: string, token = ada.token): Promise<number> =>
    (await app.api('POST', 'auth/device/approve', { token, body: { user_code, action } })).status;
  /** What waiting would do: the last poll was so long ago. */
  const letPass = (seconds: number) =>
    app.dataSource.query(
      `UPDATE device_authorizations SET last_polled_at = last_polled_at - make_interval(secs => $1)`,
      [seconds],
    );

  it('begins with codes, where to type them, and how long and how often to ask', async () => {
    const begun = await begin();
    expect(begun).toEqual({
      device_code: expect.stringMatching(/^tvd_[0-9a-f]{64}$/),
      user_code: expect.stringMatching(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/),
      verification_uri: 'https://vault.example/device',
      verification_uri_complete: `https://vault.example/device?user_code=${begun.user_code}`,
      expires_in: 600,
      interval: 5,
    });
  });

  it('gives the one who polls a session of whoever approved, once', async () => {
    const { device_code, user_code } = await begin();
    expect(await poll(device_code)).toEqual([
      400,
      { statusCode: 400, error: 'authorization_pending', message: expect.stringContaining('approved') },
    ]);
    expect(await decide(user_code)).toBe(204);
    const [status, session] = await poll(device_code);
    expect([status, session]).toEqual([
      200,
      {
        access_token: expect.stringMatching(/^tvs_[0-9a-f]{64}$/),
        token_type: 'Bearer',
        expires_in: expect.any(Number),
        expires_at: expect.any(String),
        user_id: ada.userId,
        email: ada.email,
      },
    ]);
    expect(Number(session.expires_in) / 86_400).toBeCloseTo(30, 2);
    const me = await app.api('GET', 'auth/me', { token: String(session.access_token) });
    expect(await me.json()).toMatchObject({ user_id: ada.userId });
    const sessions = (await (
      await app.api('GET', 'auth/sessions', { token: String(session.access_token) })
    ).json()) as object[];
    expect(sessions).toContainEqual(
      expect.objectContaining({ kind: 'device', user_agent: 'tracevault on laptop', current: true }),
    );
    const proxied = await fetch(`${app.proxyUrl}/v1/models`, {
      headers: { 'x-api-key': String(session.access_token) },
    });
    expect(proxied.status).toBe(200);
    expect((await poll(device_code))[1]).toMatchObject({ error: 'invalid_grant' });
    expect(await decide(user_code)).toBe(404);
  });

  it('gives nothing for an approval whose session somebody has ended since, and is there after a sign-out', async () => {
    const { email, password } = ada;
    const signIn = async (): Promise<string> => {
      const login = await app.api('POST', 'auth/login', { body: { email, password } });
      return ((await login.json()) as { token: string }).token;
    };
    const [thief, leaver] = [await signIn(), await signIn()];
    const [stolen, own] = [await begin(), await begin()];
    expect(await decide(stolen.user_code, 'approve', thief)).toBe(204);
    const listed = await app.api('GET', 'auth/sessions', { token: thief });
    const current = ((await listed.json()) as { id: string; current: boolean }[]).find((one) => one.current);
    expect((await app.api('DELETE', `auth/sessions/${current!.id}`, { token: ada.token })).status).toBe(204);
    expect((await poll(stolen.device_code))[1]).toMatchObject({ error: 'invalid_grant' });

    expect(await decide(own.user_code, 'approve', leaver)).toBe(204);
    expect((await app.api('POST', 'auth/logout', { token: leaver })).status).toBe(204);
    expect((await poll(own.device_code))[0]).toBe(200);
  });

  it('gives the session to one of many that redeem at the same moment', async () => {
    const { device_code, user_code } = await begin();
    await decide(user_code);
    const answers = await Promise.all(Array.from({ length: 8 }, () => poll(device_code)));
    expect(answers.map(([status]) => status).sort()).toEqual([200, ...Array<number>(7).fill(400)]);
  });

  it('tells a client that asks too soon to slow down, by five seconds more each time', async () => {
    const { device_code } = await begin();
    const word = async (): Promise<unknown> => (await poll(device_code))[1].error;
    expect(await word()).toBe('authorization_pending');
    expect(await word()).toBe('slow_down'); // from now on 10 s
    await letPass(8);
    expect(await word()).toBe('slow_down'); // 15 s
    await letPass(15);
    expect(await word()).toBe('authorization_pending');
    await letPass(14.2); // within what the network may vary
    expect(await word()).toBe('authorization_pending');
  });

  it('tells a denied client so, and an expired one, which nobody can approve any more', async () => {
    const denied = await begin();
    expect(await decide(denied.user_code, 'deny')).toBe(204);
    expect((await poll(denied.device_code))[1]).toMatchObject({ statusCode: 400, error: 'access_denied' });
    expect(await decide(denied.user_code, 'approve')).toBe(404);

    const [waiting, approved] = [await begin(), await begin()];
    await decide(approved.user_code);
    await app.dataSource.query(`UPDATE device_authorizations SET expires_at = now() - interval '1 second'`);
    expect(await decide(waiting.user_code)).toBe(404);
    for (const { device_code } of [waiting, approved])
      expect((await poll(device_code))[1]).toMatchObject({ statusCode: 400, error: 'expired_token' });
  });

  it('forgets what expired an hour ago', async () => {
    const { device_code } = await begin();
    await app.dataSource.query(`UPDATE device_authorizations SET expires_at = now() - interval '61 minutes'`);
    await begin();
    await app.app.get(RetentionService).sweepAll();
    expect((await poll(device_code))[1]).toMatchObject({ error: 'invalid_grant' });
    expect(await rows().count()).toBe(1);
  });

  it('names the waiting client to the person who types its code, in whatever way', async () => {
    const { user_code } = await begin({ client_name: 'tracevault on laptop' });
    for (const typed of [user_code, user_code.toLowerCase(), ` ${user_code.replace('-', ' ')} `]) {
      const response = await app.api('POST', 'auth/device/preview', {
        token: ada.token,
        body: { user_code: typed },
      });
      expect(await response.json()).toEqual({
        client_name: 'tracevault on laptop',
        client_address: '127.0.0.1',
        created_at: expect.any(String),
        expires_at: expect.any(String),
      });
    }
    const unknown = await app.api('POST', 'auth/device/preview', {
      token: ada.token,
      body: { user_code: 'BCDF-GHJK' },
    });
    expect(unknown.status).toBe(404);
    const { message } = (await unknown.json()) as { message: string };
    expect(message).toBe(
      'No login waits under this code. It may have expired, or was decided already. Check the code, or begin again on your device.',
    );
  });

  it.each(['', 'BCDF', 'BCDF-GHJK', 'AEIO-UAEI'])('knows of nothing under the code %j', async (user_code) => {
    for (const endpoint of ['preview', 'approve']) {
      const response = await app.api('POST', `auth/device/${endpoint}`, {
        token: ada.token,
        body: { user_code },
      });
      expect(await response.json()).toMatchObject({
        statusCode: 404,
        message: expect.stringMatching(/^No login waits/),
      });
    }
  });

  it.each<[string, object, Record<string, string>, string]>([
    ['by itself, without the spaces around it', { client_name: ' a laptop ' }, {}, 'a laptop'],
    [
      'by its user agent, in ASCII and cut',
      {},
      { 'user-agent': `é${'x'.repeat(200)}` },
      `?${'x'.repeat(99)}`,
    ],
    ['by its user agent, when the name is empty', { client_name: ' ' }, { 'user-agent': 'curl/8' }, 'curl/8'],
  ])('names a client %s', async (_, body, headers, name) => {
    const response = await app.api('POST', 'auth/device/authorize', { body, headers });
    const { user_code } = (await response.json()) as Begun;
    const waiting = await app.api('POST', 'auth/device/preview', { token: ada.token, body: { user_code } });
    expect(await waiting.json()).toMatchObject({ client_name: name });
  });

  it('names a client that says nothing of itself', async () => {
    const { text } = await sendRaw(
      app.port,
      'POST /api/v1/auth/device/authorize HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}',
    );
    const user_code = /[A-Z]{4}-[A-Z]{4}/.exec(text)![0];
    const waiting = await app.api('POST', 'auth/device/preview', { token: ada.token, body: { user_code } });
    expect(await waiting.json()).toMatchObject({ client_name: 'a client that does not say who it is' });
  });

  it('gives each the session of the person who approved it', async () => {
    for (const person of [ada, await app.signUp(null)]) {
      const { device_code, user_code } = await begin();
      expect(await decide(user_code, 'approve', person.token)).toBe(204);
      expect(await poll(device_code)).toMatchObject([200, { email: person.email, user_id: person.userId }]);
    }
  });

  it('is for signed-in people to approve, and for no organization’s key', async () => {
    const { user_code, device_code } = await begin();
    const body = { user_code };
    expect((await app.api('POST', 'auth/device/approve', { body })).status).toBe(401);
    expect((await app.api('POST', 'auth/device/preview', { body })).status).toBe(401);
    const created = await app.api('POST', `orgs/${ada.org}/api-keys`, {
      token: ada.token,
      body: { name: 'ci' },
    });
    const { key } = (await created.json()) as { key: string };
    expect(await decide(user_code, 'approve', key)).toBe(403);
    const nothing = { user_code, action: null };
    expect((await app.api('POST', 'auth/device/approve', { token: ada.token, body: nothing })).status).toBe(
      400,
    );
    expect((await poll(device_code))[1]).toMatchObject({ error: 'authorization_pending' });
  });

  it('keeps neither code and no token in the database', async () => {
    const { user_code, device_code } = await begin();
    const stored = JSON.stringify(await rows().find());
    expect(stored).not.toContain(user_code);
    expect(stored).not.toContain(device_code);
    expect(stored).not.toMatch(/tv[sd]_/);
  });

  it.each<[string, string, object]>([
    ['a name with a line break', 'authorize', { client_name: 'a\nb' }],
    ['a name that writes backwards', 'authorize', { client_name: 'a\u202eb' }],
    ['a long name', 'authorize', { client_name: 'x'.repeat(101) }],
    ['another grant', 'token', { device_code: 'x', grant_type: 'password' }],
    ['no device code', 'token', {}],
    ['an object for a device code', 'token', { device_code: { $ne: '' } }],
    ['a device code that is none', 'token', { device_code: "' OR 1=1 --" }],
  ])('refuses %s', async (_, endpoint, body) => {
    expect((await app.api('POST', `auth/device/${endpoint}`, { body })).status).toBe(400);
  });
});

/** RFC 8628 has clients send forms (3.1, 3.4); a plain OAuth client knows nothing else. */
describe('device login of an OAuth client that sends forms', () => {
  let app: TestApp;
  let ada: Person;

  beforeAll(async () => {
    app = await TestApp.start();
    ada = await app.signUp();
  });
  afterAll(() => app.close());

  const GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
  const send = async (
    endpoint: string,
    body: URLSearchParams | string,
    headers: Record<string, string> = {},
  ): Promise<[number, Record<string, unknown>]> => {
    const type = { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' };
    const url = `${app.url}/api/v1/auth/device/${endpoint}`;
    const response = await fetch(url, { method: 'POST', body, headers: { ...type, ...headers } });
    return [response.status, (await response.json()) as Record<string, unknown>];
  };

  it('runs from its beginning to a session, with the parameters that such a client adds', async () => {
    const [, begun] = await send('authorize', new URLSearchParams({ client_id: 'a-tool', scope: 'openid' }), {
      'user-agent': 'openid-client/6.8.1',
    });
    expect(begun).toMatchObject({ device_code: expect.stringMatching(/^tvd_/), interval: 5 });
    const device_code = String(begun.device_code);
    const poll = () =>
      send('token', new URLSearchParams({ grant_type: GRANT, device_code, client_id: 'a-tool', scope: '' }));
    expect(await poll()).toEqual([400, expect.objectContaining({ error: 'authorization_pending' })]);
    expect((await poll())[1]).toMatchObject({ error: 'slow_down' });
    const body = { user_code: begun.user_code };
    const { token } = ada;
    const waiting = await app.api('POST', 'auth/device/preview', { token, body });
    expect(await waiting.json()).toMatchObject({ client_name: 'openid-client/6.8.1' });
    expect((await app.api('POST', 'auth/device/approve', { token, body })).status).toBe(204);
    await app.dataSource.query(`UPDATE device_authorizations SET last_polled_at = NULL`);
    expect(await poll()).toEqual([
      200,
      expect.objectContaining({ access_token: expect.stringMatching(/^tvs_/), token_type: 'Bearer' }),
    ]);
  });

  it('takes the name that a form gives, in UTF-8 and without an empty one', async () => {
    for (const [sent, shown] of [
      ['client_name=tracevault+on+caf%C3%A9', 'tracevault on caf\u00e9'],
      ['client_name=', 'node'],
      ['', 'node'],
    ] as const) {
      const [status, { user_code }] = await send('authorize', sent);
      expect([sent, status]).toEqual([sent, 200]);
      const waiting = await app.api('POST', 'auth/device/preview', { token: ada.token, body: { user_code } });
      expect(await waiting.json()).toMatchObject({ client_name: shown });
    }
  });

  const many = Array.from({ length: 65 }, (_, n) => `a${n}=1`).join('&');
  it.each<[string, string, string, string]>([
    ['a parameter that comes twice', 'token', 'device_code=a&device_code=b', 'invalid_request'],
    ['an unknown one that comes twice', 'token', 'device_code=a&scope=a&scope=b', 'invalid_request'],
    ['no device code', 'token', `grant_type=${GRANT}`, 'invalid_request'],
    ['an empty device code', 'token', `device_code=&grant_type=${GRANT}`, 'invalid_request'],
    ['brackets, which are no array', 'token', 'device_code[]=a', 'invalid_request'],
    ['another grant', 'token', 'device_code=a&grant_type=password', 'unsupported_grant_type'],
    ['a device code that nobody has', 'token', 'device_code=a&client_id=b', 'invalid_grant'],
    ['a name with a line break', 'authorize', 'client_name=a%0Ab', 'invalid_request'],
    ['names of what every object has', 'token', '__proto__=a&constructor=b', 'invalid_request'],
    ['more parameters than any client has', 'token', many, 'invalid_request'],
  ])('refuses %s in the words of the RFC', async (_, endpoint, form, error) => {
    const [status, refusal] = await send(endpoint, form);
    expect([status, refusal]).toEqual([400, { statusCode: 400, error, message: expect.anything() }]);
  });

  it('says the same words to JSON', async () => {
    const answer = async (body: object): Promise<unknown> =>
      ((await (await app.api('POST', 'auth/device/token', { body })).json()) as { error: unknown }).error;
    expect(await answer({})).toBe('invalid_request');
    expect(await answer({ device_code: 'a', client_id: 'b' })).toBe('invalid_request');
    expect(await answer({ device_code: 'a', grant_type: 'password' })).toBe('unsupported_grant_type');
  });

  it('refuses a form in another charset, one that is too large, and one that a web page sends', async () => {
    const charset = { 'content-type': 'application/x-www-form-urlencoded; charset=iso-8859-1' };
    expect((await send('authorize', 'client_name=a', charset))[0]).toBe(415);
    expect((await send('authorize', `client_name=${'a'.repeat(66_000)}`))[0]).toBe(413);
    // A page of another site may send a form without asking first; it would use up the visitor's attempts.
    expect((await send('authorize', 'client_name=a', { origin: 'https://evil.example' }))[0]).toBe(415);
  });

  it.each(['auth/login', 'auth/register', 'auth/device/approve', 'auth/device/preview'])(
    'is the only one to send forms: %s takes JSON alone',
    async (path) => {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const { token } = ada;
      expect((await app.api('POST', path, { token, body: 'a=b', headers })).status).toBe(415);
    },
  );

  it('is in the document: both endpoints list both kinds of body', async () => {
    const document = (await (await fetch(`${app.url}/api/docs-json`)).json()) as {
      paths: Record<string, { post: { requestBody: { content: object } } }>;
    };
    for (const endpoint of ['authorize', 'token'])
      expect(
        Object.keys(document.paths[`/api/v1/auth/device/${endpoint}`]!.post.requestBody.content),
      ).toEqual(['application/json', 'application/x-www-form-urlencoded']);
  });
});

describe('device login under rate limits', () => {
  it('is limited where it begins and never where it polls with a code of its own', async () => {
    const app = await TestApp.start({ adjust: (config) => ({ ...config, rateLimits: true }) });
    const post = async (path: string, body: object): Promise<[number, Begun]> => {
      const response = await app.api('POST', `auth/device/${path}`, { body });
      return [response.status, (await response.json()) as Begun];
    };
    const begun = await Promise.all(Array.from({ length: 31 }, () => post('authorize', {})));
    expect(begun.filter(([status]) => status === 429)).toHaveLength(1);
    const { device_code } = begun[0]![1];
    for (let asked = 0; asked < 400; asked += 40) {
      const polls = await Promise.all(Array.from({ length: 40 }, () => post('token', { device_code })));
      expect(new Set(polls.map(([status]) => status))).toEqual(new Set([400]));
    }
    await app.close();
  });
});
