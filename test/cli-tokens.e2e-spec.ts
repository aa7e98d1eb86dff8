import { createServer } from 'node:http';
import { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { Person, useApp } from './support/app';
import { Cli } from './support/cli';
import { join } from './support/people';

const PROXY_TOKEN = /^tvp_[0-9a-f]{64}$/;
const DAY_MS = 86_400_000;

interface Kept {
  readonly id: string;
  readonly name: string;
  readonly token: string;
  readonly expires_at: string | null;
}

describe('proxy tokens by the tracevault command', () => {
  const app = useApp();
  let ada: Person;
  let cli: Cli;

  beforeAll(async () => {});
  beforeEach(async () => {
    cli = await Cli.inNewHome();
    ada = await app.signUp();
    await login();
  });

  const login = async (...more: string[]) => {
    const args = ['login', '--server', app.url, '--email', ada.email, ...more];
    const ran = await cli.run(args, { stdin: `${ada.password}\n` });
    expect(ran).toMatchObject({ code: 0, out: '' });
    return ran;
  };
  const kept = async (): Promise<Kept | undefined> =>
    (await cli.credentials()).proxy_token as unknown as Kept | undefined;
  const call = async (token: string): Promise<number> =>
    (await fetch(`${app.proxyUrl}/v1/models`, { headers: { 'x-api-key': token } })).status;
  const here = async (...more: string[]): Promise<Kept> => {
    expect(await cli.run(['proxy', 'token', 'create', '--here', ...more])).toMatchObject({
      code: 0,
      out: '',
    });
    return (await kept())!;
  };
  /** As if the days had gone by, on the server and here. */
  const setExpiry = async (at: Date): Promise<void> => {
    const own = (await kept())!;
    await app.dataSource.query('UPDATE proxy_tokens SET expires_at = $1 WHERE id = $2', [at, own.id]);
    app.invalidateAuthCache();
    const credentials = await cli.credentials();
    await cli.writeCredentials({ ...credentials, proxy_token: { ...own, expires_at: at.toISOString() } });
  };

  it('create makes it for an organization, which the list names for who is in several', async () => {
    const host = await app.signUp(null);
    await join(app, ada, host.org, 'developer');
    await cli.run(['proxy', 'token', 'create', 'for the host', '--org', host.org]);
    await cli.run(['proxy', 'token', 'create', 'my own', '--org', ada.org]);
    const listed = JSON.parse((await cli.run(['proxy', 'token', 'list', '--json'])).out) as {
      name: string;
      org: string;
    }[];
    expect(listed.map(({ name, org }) => [name, org]).sort()).toEqual([
      ['for the host', host.org],
      ['my own', ada.org],
    ]);
    expect((await cli.run(['proxy', 'token', 'list'])).out).toContain('ORGANIZATION');
    const wrong = await cli.run(['proxy', 'token', 'create', 'x', '--org', 'no-such']);
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringMatching(/no organization of this name/)]);
    expect((await cli.run(['whoami'])).out).toMatch(/\(owner, current\)|\(developer, current\)/);
  });

  it('login says what comes next: the lines of the agent where there is a key, and first the key where not', async () => {
    expect((await login()).err).toMatch(/Next: tracevault proxy info$/m);
    await app.api('DELETE', 'me/keys/anthropic', { token: ada.token });
    expect((await login()).err).toContain('Next: tracevault proxy key set, then tracevault proxy info');
  });

  it('create prints the token alone, once, and keeps nothing of it', async () => {
    const { code, out, err } = await cli.run(['proxy', 'token', 'create', 'build server']);
    expect([code, out.trim()]).toEqual([0, expect.stringMatching(PROXY_TOKEN)]);
    expect(err).toMatch(/"build server", until \d{4}-.* shown only now/);
    expect(await call(out.trim())).toBe(200);
    expect(await kept()).toBeUndefined();
    const ends = (await tokens())[0]!.expires_at;
    expect(Math.round((Date.parse(ends!) - Date.now()) / DAY_MS)).toBe(90);
  });

  it.each([
    ['30', 30],
    ['never', null],
  ])('create --expires %s', async (expires, days) => {
    const { err } = await cli.run(['proxy', 'token', 'create', 'ci', '--expires', expires]);
    const ends = (await tokens())[0]!.expires_at;
    expect(ends === null ? null : Math.round((Date.parse(ends) - Date.now()) / DAY_MS)).toBe(days);
    expect(err).toContain(days === null ? 'until it is revoked' : 'until 2');
  });

  it.each([
    [['proxy', 'token', 'create'], 'needs a name'],
    [['proxy', 'token', 'create', 'x', '--expires', '0'], 'number of days'],
    [['proxy', 'token', 'create', 'x', '--expires', 'soon'], 'number of days'],
    [['proxy', 'token', 'revoke'], 'missing required argument'],
    [['proxy', 'token', 'revoke', 'x', 'y'], 'too many arguments'],
  ])('%j is a usage error', async (args, words) => {
    expect(await cli.run(args)).toMatchObject({ code: 2, out: '', err: expect.stringContaining(words) });
    expect(await tokens()).toEqual([]);
  });

  it('create --here keeps it for this machine’s agents, which go on when the session is over', async () => {
    const own = await here();
    expect(own).toEqual({
      id: expect.any(String),
      name: hostname(),
      token: expect.stringMatching(PROXY_TOKEN),
      expires_at: expect.any(String),
    });
    expect(await cli.modeOf(cli.credentialsPath)).toBe('600');
    const credentials = await cli.credentials();
    await cli.writeCredentials({ ...credentials, expires_at: '2020-01-01T00:00:00.000Z' });
    expect(await cli.run(['proxy', 'token'])).toEqual({ code: 0, out: `${own.token}\n`, err: '' });
    expect(await call(own.token)).toBe(200);
  });

  it('create --here takes the place of the one before, which is ended', async () => {
    const [before, after] = [await here(), await here('laptop')];
    expect(after.name).toBe('laptop');
    expect([await call(before.token), await call(after.token)]).toEqual([401, 200]);
  });

  it('list says when each was used, and which is this machine’s, and shows no token', async () => {
    expect((await cli.run(['proxy', 'token', 'list'])).out).toContain('no proxy tokens');
    const own = await here('laptop');
    await cli.run(['proxy', 'token', 'create', 'ci', '--expires', 'never']);
    expect(await call(own.token)).toBe(200);
    await cli.run(['proxy', 'token', 'create', `a name of ${'n'.repeat(90)}`]);
    let listed = await cli.run(['proxy', 'token', 'list']);
    while (!/node/.test(listed.out)) listed = await cli.run(['proxy', 'token', 'list']);
    const lines = listed.out.trimEnd().split('\n');
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
    expect(lines).toEqual([
      expect.stringMatching(/^ID {8}NAME +TOKEN {10}UNTIL {7}LAST USED \(UTC\) {3}BY$/),
      expect.stringMatching(
        /^[0-9a-f]{8} {2}a name of n+… {2}tvp_\w{4}…\w{4} {2}2\d{3}-\d\d-\d\d {2}not used yet$/,
      ),
      expect.stringMatching(/^[0-9a-f]{8} {2}ci +tvp_\w{4}…\w{4} {2}no end {6}not used yet$/),
      expect.stringMatching(
        new RegExp(
          `^${own.id.slice(0, 8)}  laptop +${own.token.slice(0, 8)}…${own.token.slice(-4)}  ` +
            '2\\d{3}-\\d\\d-\\d\\d  2\\d{3}-\\S+ \\d\\d:\\d\\d  node$',
        ),
      ),
    ]);
    expect(listed.err).toBe(`This machine's agents use ${own.id.slice(0, 8)}.\n`);
    expect(listed.out).not.toMatch(/tvp_[0-9a-f]{5}/);
    const json = JSON.parse((await cli.run(['proxy', 'token', 'list', '--json'])).out) as object[];
    expect(json).toEqual([
      expect.objectContaining({ name: expect.stringMatching(/^a name of n{90}$/), here: false }),
      expect.objectContaining({ name: 'ci', here: false }),
      expect.objectContaining({ name: 'laptop', here: true }),
    ]);
  });

  it('revoke revokes one by its name or its id, and no other', async () => {
    const own = await here('laptop');
    const ci = (await cli.run(['proxy', 'token', 'create', 'ci'])).out.trim();
    expect(await cli.run(['proxy', 'token', 'revoke', 'ci'])).toMatchObject({ code: 2, out: '' });
    expect(await call(ci)).toBe(200);
    expect(await cli.run(['proxy', 'token', 'revoke', 'ci', '--yes'])).toMatchObject({ code: 0 });
    expect([await call(ci), await call(own.token)]).toEqual([401, 200]);
    expect(await cli.run(['proxy', 'token', 'revoke', own.id.toUpperCase(), '-y'])).toMatchObject({
      code: 0,
    });
    expect(await kept()).toBeUndefined();
    expect(await cli.run(['proxy', 'token', 'revoke', 'ci', '-y'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('no such proxy token'),
    });
  });

  it('end and rename take the beginning of an id', async () => {
    const own = await here('laptop');
    const short = own.id.slice(0, 6);
    expect(await cli.run(['proxy', 'token', 'revoke', own.id.slice(0, 5), '-y'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('the first 6 characters are enough'),
    });
    const renamed = await cli.run(['proxy', 'token', 'rename', short, 'old laptop']);
    expect(renamed).toMatchObject({ code: 0, err: 'The proxy token "laptop" is now called "old laptop".\n' });
    expect(await kept()).toEqual({ ...own, name: 'old laptop' });
    expect(await call(own.token)).toBe(200);
    expect(await cli.run(['proxy', 'token', 'rename', short, 'n'.repeat(101)])).toMatchObject({ code: 1 });
    expect(await cli.run(['proxy', 'token', 'revoke', short.toUpperCase(), '-y'])).toMatchObject({ code: 0 });
    expect(await call(own.token)).toBe(401);
  });

  it.each([
    ['end', 'Did you mean: tracevault proxy token revoke\n'],
    ['lst', 'Did you mean: tracevault proxy token list\n'],
    ['show', 'Did you mean: tracevault proxy token\n'],
    ['xyz', 'There are: create, list, rename, revoke.\n'],
    ['tvp_SECRET', 'There are: create, list, rename, revoke.\n'],
  ])('%s is no verb: what was meant is said, and no token printed', async (verb, hint) => {
    const { code, out, err } = await cli.run(['proxy', 'token', verb, 'laptop']);
    expect([code, out, err]).toEqual([2, '', expect.stringContaining(hint)]);
    expect(err).not.toContain('SECRET');
  });

  it('revoke asks which, when two have one name', async () => {
    for (let time = 0; time < 2; time++) await cli.run(['proxy', 'token', 'create', 'ci']);
    const { code, err } = await cli.run(['proxy', 'token', 'revoke', 'ci', '-y']);
    expect([code, err]).toEqual([1, expect.stringContaining('2 of your proxy tokens')]);
    expect(await tokens()).toHaveLength(2);
  });

  it('login makes one where it is asked to, keeps it at the next login, and asks nobody who can’t answer', async () => {
    expect(await kept()).toBeUndefined();
    expect((await login('--proxy-token')).err).toContain('agents use the proxy token');
    const own = (await kept())!;
    await login();
    expect(await kept()).toEqual(own);
    expect(await call(own.token)).toBe(200);
    await login('--proxy-token');
    expect(await kept()).toEqual(own);
  });

  it('login does not keep one that was revoked elsewhere, and makes another where it is asked to', async () => {
    const own = await here('laptop');
    await app.api('DELETE', `me/proxy-tokens/${own.id}`, { token: ada.token });
    expect((await login()).err).toContain('The proxy token "laptop" of this machine was revoked.');
    expect(await kept()).toBeUndefined();
    await here('laptop 2');
    await app.api('DELETE', `me/proxy-tokens/${(await kept())!.id}`, { token: ada.token });
    await login('--proxy-token');
    expect(await call((await kept())!.token)).toBe(200);
  });

  it('login warns of one that ends soon, and makes another in its place where it is asked to', async () => {
    const own = await here('laptop');
    await setExpiry(new Date(Date.now() + 2 * DAY_MS));
    expect((await login()).err).toMatch(/Warning: .*"laptop" expires in a day, .*token create --here/);
    expect(await kept()).toMatchObject({ id: own.id });
    await login('--proxy-token');
    expect((await kept())!.id).not.toBe(own.id);
    expect([await call(own.token), await call((await kept())!.token)]).toEqual([401, 200]);
  });

  it('login stands when no token can be created, and says why', async () => {
    for (let created = 0; created < 50; created++)
      await app.api('POST', 'me/proxy-tokens', { token: ada.token, body: { name: 'many' } });
    const { err } = await login('--proxy-token');
    expect(err).toMatch(/Logged in.*No proxy token was created: You have 50 proxy tokens.*To create one/s);
    expect(await kept()).toBeUndefined();
  });

  it('a token that can’t be revoked on the way out is named, with its end and where to revoke it', async () => {
    await here('laptop');
    const goesOn = /"laptop" of this machine could not be revoked\. It works until 2.*\/me\/tokens\//;
    await cli.writeCredentials({ ...(await cli.credentials()), token: 'tvs_gone' });
    expect(await cli.run(['logout'])).toMatchObject({ code: 1, err: expect.stringMatching(goesOn) });
    await login();
    await here('laptop');
    await cli.writeCredentials({ ...(await cli.credentials()), token: 'tvs_gone' });
    ada = await app.signUp();
    expect((await login()).err).toMatch(goesOn);
    await here('laptop');
    await cli.writeCredentials({ ...(await cli.credentials()), server_url: 'http://127.0.0.1:1' });
    const { code, err } = await cli.run(['logout']);
    expect(code).toBe(1);
    expect(err).toMatch(goesOn);
    expect(err).toContain('could not revoke the session');
  });

  it('another person’s login revokes the token of the one before', async () => {
    const own = await here();
    ada = await app.signUp();
    await login();
    expect(await kept()).toBeUndefined();
    expect(await call(own.token)).toBe(401);
  });

  it('logout ends this machine’s', async () => {
    const own = await here();
    expect(await cli.run(['logout'])).toMatchObject({ code: 0 });
    expect(await call(own.token)).toBe(401);
  });

  it('info and check say what agents use, and recommend a token where they use the session', async () => {
    expect((await cli.run(['proxy', 'info'])).out).toMatch(/Agents use +your session.*token create --here/);
    const own = await here('laptop');
    const info = await cli.run(['proxy', 'info']);
    expect(info.out).toMatch(/Agents use +the proxy token "laptop", until 2/);
    expect(info.out + info.err).not.toContain('tvp_');
    const json = JSON.parse((await cli.run(['proxy', 'info', '--json'])).out) as object;
    expect(json).toMatchObject({
      proxy_token: { id: own.id, name: 'laptop', expires_at: own.expires_at },
    });
    const check = await cli.run(['proxy', 'check']);
    expect(check).toMatchObject({ code: 0, out: expect.stringMatching(/proxy token .*"laptop", until 2/) });
  });

  it('info and check warn from seven days before the end, and say when it is over', async () => {
    await here('laptop');
    await setExpiry(new Date(Date.now() + 7 * DAY_MS - 60_000));
    const soon = /"laptop" expires in 6 days, on 2/;
    expect((await cli.run(['proxy', 'info'])).err).toMatch(soon);
    expect(await cli.run(['proxy', 'check'])).toMatchObject({ code: 0, out: expect.stringMatching(soon) });
    expect((await cli.run(['proxy', 'token', 'list'])).err).toMatch(soon);
    await setExpiry(new Date(Date.now() - 60_000));
    const over = /"laptop" expired on 2.*token create --here/s;
    expect((await cli.run(['proxy', 'info'])).err).toMatch(over);
    expect(await cli.run(['proxy', 'check'])).toMatchObject({ code: 1, err: expect.stringMatching(over) });
    const { code, out, err } = await cli.run(['proxy', 'token']);
    expect([code, out]).toEqual([0, expect.stringMatching(/^tvs_/)]); // agents that have not been told go on
    expect(err).toMatch(over);
  });

  it.each([
    ['is over', { expires_at: '2020-01-01T00:00:00.000Z' }],
    ['was revoked elsewhere', { token: 'tvs_gone' }],
  ])('check goes on with the token when the session %s', async (_, session) => {
    await here('laptop');
    await setExpiry(new Date(Date.now() + 7 * DAY_MS - 60_000));
    await cli.writeCredentials({ ...(await cli.credentials()), ...session });
    const works = await cli.run(['proxy', 'check']);
    expect(works).toMatchObject({ code: 0, err: '' });
    expect(works.out).toMatch(/session .*over; agents go on/);
    expect(works.out).toMatch(/"laptop" expires in 6 days.*upstream .*answered 200/s);
    await app.dataSource.query('UPDATE proxy_tokens SET revoked_at = now() WHERE id = $1', [
      (await kept())!.id,
    ]);
    app.invalidateAuthCache();
    expect(await cli.run(['proxy', 'check'])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/TraceVault refuses: The proxy token "laptop" was revoked at/),
    });
  });

  it.each(['[]', '{}', '{"list":[]}', '[null]', '[{"id":"x","name":7,"expires_at":null}]', 'null', 'x'])(
    'a server that answers a list with %s is said to be none',
    async (text) => {
      const server = createServer((_request, response) => response.end(text));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      await cli.writeCredentials({
        ...(await cli.credentials()),
        server_url: `http://127.0.0.1:${port}`,
      });
      const listed = await cli.run(['proxy', 'token', 'list']);
      const who = await cli.run(['whoami']);
      server.close();
      const none = { code: 1, out: '', err: expect.stringContaining('does not answer as TraceVault does') };
      if (text === '[]') expect(listed).toMatchObject({ code: 0 });
      else expect(listed).toMatchObject(none);
      if (text.startsWith('[')) expect(who).toMatchObject(none);
    },
  );

  it('check says when this machine’s was ended elsewhere', async () => {
    const own = await here();
    await app.api('DELETE', `me/proxy-tokens/${own.id}`, { token: ada.token });
    expect(await cli.run(['proxy', 'check'])).toMatchObject({
      code: 1,
      err: expect.stringContaining("This machine's proxy token was revoked."),
    });
  });

  it.each([
    ['no object', 'tvp_1'],
    ['a name that is none', { id: '0'.repeat(36), name: 7, token: 'tvp_1', expires_at: null }],
    ['a token with a space', { id: '0'.repeat(36), name: 'x', token: 'tvp_1 2', expires_at: null }],
    ['a time that is none', { id: '0'.repeat(36), name: 'x', token: 'tvp_1', expires_at: 'soon' }],
  ])('a credentials file with %s is said to hold none', async (_, proxy_token) => {
    await cli.writeCredentials({ ...(await cli.credentials()), proxy_token });
    expect(await cli.run(['proxy', 'token'])).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('does not hold credentials'),
    });
  });

  async function tokens(): Promise<{ expires_at: string | null }[]> {
    const response = await app.api('GET', 'me/proxy-tokens', { token: ada.token });
    return (await response.json()) as { expires_at: string | null }[];
  }
});
