import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { Person, TestApp, useApp } from './support/app';
import { Cli } from './support/cli';
import { newMember } from './support/people';

interface Checked {
  readonly ok: boolean;
  readonly broken_hop: string | null;
  readonly hops: { hop: string; ok: boolean; ms: number; message: string; hint?: string }[];
}

describe('tracevault proxy check', () => {
  let app: TestApp;
  let ada: Person;
  let cli: Cli;

  beforeEach(async () => {
    app = await TestApp.start();
    ada = await app.signUp();
    cli = await Cli.inNewHome();
    await pointAt(app.url);
  });
  afterEach(() => app.close());

  const pointAt = (server_url: string, token = ada.token) =>
    cli.writeCredentials({ server_url, token, email: ada.email, expires_at: '2099-01-01T00:00:00.000Z' });
  const check = async (): Promise<{
    code: number | string;
    err: string;
    broken: string | null;
    last: string;
  }> => {
    const { code, out, err } = await cli.run(['proxy', 'check', '--json']);
    const { ok, broken_hop, hops } = JSON.parse(out) as Checked;
    expect(ok).toBe(code === 0);
    expect(out + err).not.toContain(ada.token);
    return { code, err, broken: broken_hop, last: hops.at(-1)!.message };
  };

  it('goes all the way, with a line and a time for each hop', async () => {
    const { code, out } = await cli.run(['proxy', 'check']);
    expect(code).toBe(0);
    for (const hop of ['name', 'connection', 'server', 'session', 'stored key', 'upstream'])
      expect(out).toMatch(new RegExp(`ok +${hop} +\\d+ ms `));
    expect(out).toContain('Everything works.');
    expect(app.upstream.last.target).toBe('/v1/models?limit=1');
  });

  it.each([['HTTP_PROXY'], ['https_proxy'], ['All_Proxy']])(
    'warns when %s would take agents elsewhere first, and does not show its value',
    async (variable) => {
      const env = { [variable]: 'http://user:SECRET@proxy.corp:8080', NO_PROXY: 'localhost' };
      const { code, out, err } = await cli.run(['proxy', 'check'], { env });
      expect([code, out]).toEqual([0, expect.stringContaining('Everything works without a proxy')]);
      expect(err).toContain(`Warning: ${variable} is set`);
      expect(err).toContain('\n  export NO_PROXY="${NO_PROXY:+$NO_PROXY,}127.0.0.1"');
      const json = await cli.run(['proxy', 'check', '--json'], { env });
      expect(JSON.parse(json.out)).toMatchObject({
        ok: true,
        outbound_proxy: { variable, no_proxy_line: expect.stringMatching(/^export NO_PROXY=.*127\.0\.0\.1/) },
      });
      expect(out + err + json.out + json.err).not.toContain('SECRET');
    },
  );

  it('has nothing to warn of when NO_PROXY covers the server', async () => {
    const env = { HTTP_PROXY: 'http://proxy.corp:8080', no_proxy: '127.0.0.1' };
    const { out, err } = await cli.run(['proxy', 'check'], { env });
    expect([out, err]).toEqual([expect.stringContaining('\nEverything works.\n'), '']);
  });

  it('names a name that does not resolve', async () => {
    await pointAt('http://vault.invalid');
    expect(await check()).toMatchObject({
      code: 1,
      broken: 'name',
      err: expect.stringContaining('vault.invalid'),
    });
  });

  it('names a port where nobody listens', async () => {
    await pointAt('http://127.0.0.1:1');
    expect(await check()).toMatchObject({
      code: 1,
      broken: 'connection',
      last: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('names TLS that is none', async () => {
    await pointAt(app.url.replace('http:', 'https:'));
    expect(await check()).toMatchObject({
      code: 1,
      broken: 'encryption',
      err: expect.stringContaining('certificate'),
    });
  });

  it('names something else that listens there', async () => {
    const other: Server = createServer((_request, response) => response.end('{"hello":"world"}'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    await pointAt(`http://127.0.0.1:${(other.address() as AddressInfo).port}`);
    expect(await check()).toMatchObject({
      code: 1,
      broken: 'server',
      last: expect.stringContaining('not TraceVault'),
    });
    other.close();
  });

  it('names a session that has ended', async () => {
    await app.api('POST', 'auth/logout', { token: ada.token });
    expect(await check()).toMatchObject({
      code: 1,
      broken: 'session',
      err: expect.stringContaining('tracevault login'),
    });
  });

  it('names a key that is not stored', async () => {
    await app.api('DELETE', 'me/anthropic-key', { token: ada.token });
    expect(await check()).toMatchObject({
      code: 1,
      broken: 'stored key',
      err: expect.stringContaining('proxy key set'),
    });
  });

  it('tells the vendor’s 401 from the server’s own refusals', async () => {
    app.upstream.answerWith((_request, response) => {
      response.writeHead(401, { 'content-type': 'application/json', 'request-id': 'req_011vendor' });
      response.end('{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}');
    });
    expect(await check()).toMatchObject({
      code: 1,
      broken: 'upstream',
      last: 'The vendor refuses: invalid x-api-key (status 401, request id req_011vendor)',
      err: expect.stringContaining('Replace it: tracevault proxy key set'),
    });
  });

  it('does not take another one in between for the vendor', async () => {
    for (const status of [200, 401]) {
      app.upstream.answerWith((_request, response) => {
        response
          .writeHead(status, { 'content-type': 'text/html' })
          .end('<html>Please sign in to the network</html>');
      });
      expect(await check()).toMatchObject({
        code: 1,
        broken: 'upstream',
        last: expect.stringContaining('neither'),
      });
    }
  });

  it('names a vendor that the server can’t reach, with the request id of the server’s log', async () => {
    await app.upstream.close();
    const { code, broken, last } = await check();
    expect([code, broken]).toEqual([1, 'upstream']);
    expect(last).toMatch(/^TraceVault refuses: .*\(status 502, request id req_tv_[0-9a-f]{24}\)$/);
  });
});

describe('tracevault proxy check, with keys for several providers', () => {
  const app = useApp({
    adjust: (config) => {
      const { baseUrls } = config.upstream;
      return {
        ...config,
        upstream: { ...config.upstream, baseUrls: { ...baseUrls, gemini: 'http://127.0.0.1:1' } },
      };
    },
  });
  const OPENAI_KEY = 'sk-proj-0123456789abcdef-SECRET';
  let ada: Person;
  let cli: Cli;

  beforeEach(async () => {
    ada = await app.signUp(null);
    cli = await Cli.inNewHome();
    await logIn(ada);
    app.upstream.requests.length = 0;
    app.upstream.answerWithDefault();
  });

  const logIn = ({ token, email }: Person) =>
    cli.writeCredentials({ server_url: app.url, token, email, expires_at: '2099-01-01T00:00:00.000Z' });
  const storeForAll = async (provider: string, key: string): Promise<void> => {
    const path = `orgs/${ada.org}/keys/${provider}`;
    expect((await app.api('PUT', path, { token: ada.token, body: { key } })).status).toBe(204);
  };
  const check = async (...options: string[]) => {
    const { code, out, err } = await cli.run(['proxy', 'check', '--json', ...options]);
    expect(out + err).not.toContain('SECRET');
    const { broken_hop, hops } = JSON.parse(out) as Checked;
    const found = hops.filter(({ hop }) => hop === 'stored key' || hop.endsWith('upstream'));
    return { code, err, broken_hop, hops: found.map(({ hop, ok, message }) => [hop, ok, message]) };
  };

  it('goes to each one that calls have a key for, whether one’s own or the organization’s, and to no other', async () => {
    await app.storeKey(ada.token, 'sk-ant-SECRET', 'anthropic');
    await storeForAll('openai', OPENAI_KEY);
    expect(await check()).toEqual({
      code: 0,
      err: '',
      broken_hop: null,
      hops: [
        ['stored key', true, expect.stringContaining(`Anthropic: own key, OpenAI: key of "${ada.org}"`)],
        ['upstream', true, 'answered 200'],
        ['openai upstream', true, 'answered 200'],
      ],
    });
    expect(app.upstream.requests.map(({ target }) => target)).toEqual(['/v1/models?limit=1', '/v1/models']);
    expect(app.upstream.last.headers.authorization).toBe(`Bearer ${OPENAI_KEY}`);
  });

  it('goes with the organization’s key where a member has none, and not to Anthropic', async () => {
    await storeForAll('openai', OPENAI_KEY);
    const member = await newMember(app, ada.org, 'developer');
    await app.api('DELETE', 'me/keys/anthropic', { token: member.token });
    app.invalidateAuthCache(); // the membership was inserted past the server
    await logIn(member);
    expect(await check()).toMatchObject({
      code: 0,
      hops: [
        ['stored key', true, `OpenAI: key of "${ada.org}"`],
        ['openai upstream', true, 'answered 200'],
      ],
    });
  });

  it('says of each one whether it works, refuses the key or can’t be reached, and what to do; the exit code is 1', async () => {
    await app.storeKey(ada.token, 'sk-ant-SECRET', 'anthropic');
    await storeForAll('openai', OPENAI_KEY);
    await app.storeKey(ada.token, 'AIza-SECRET', 'gemini');
    await app.storeKey(ada.token, 'sk-or-SECRET', 'openrouter');
    app.upstream.answerWith(({ headers: { authorization } }, response) => {
      const isRefused = authorization === `Bearer ${OPENAI_KEY}`;
      response.writeHead(isRefused ? 401 : 200, { 'content-type': 'application/json' });
      response.end(isRefused ? '{"error":{"message":"Incorrect API key provided"}}' : '{"data":[]}');
    });
    expect(await check()).toMatchObject({
      code: 1,
      broken_hop: 'openai upstream',
      hops: [
        ['stored key', true, expect.any(String)],
        ['upstream', true, 'answered 200'],
        ['openai upstream', false, 'The vendor refuses: Incorrect API key provided (status 401)'],
        [
          'gemini upstream',
          false,
          expect.stringMatching(/^TraceVault refuses: .*\(status 502, request id req_tv_/),
        ],
        ['openrouter upstream', true, 'answered 200'],
      ],
    });

    const { code, out, err } = await cli.run(['proxy', 'check']);
    expect(code).toBe(1);
    for (const hop of ['upstream', 'openrouter upstream'])
      expect(out).toMatch(new RegExp(`^ok   +${hop} +\\d+ ms  answered 200$`, 'm'));
    for (const hop of ['openai upstream', 'gemini upstream'])
      expect(out).toMatch(new RegExp(`^FAIL +${hop} `, 'm'));
    expect(err).toMatch(/^Error: 2 hops are broken: openai upstream, gemini upstream\.\n/);
    expect(err).toMatch(/\nopenai upstream: The key of ".+" does not work there\. Ask an owner/);
    expect(err).toMatch(/\ngemini upstream: TraceVault runs, and the vendor does not answer it/);
  });

  it('goes to one alone when it is named', async () => {
    await storeForAll('openai', OPENAI_KEY);
    await app.storeKey(ada.token, 'AIza-SECRET', 'gemini');
    expect(await check('--provider', 'openai')).toMatchObject({
      code: 0,
      hops: [
        ['stored key', true, expect.any(String)],
        ['openai upstream', true, 'answered 200'],
      ],
    });
    expect(await check('--provider', 'gemini')).toMatchObject({ code: 1, broken_hop: 'gemini upstream' });
  });
});
