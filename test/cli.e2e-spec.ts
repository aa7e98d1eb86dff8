import { existsSync } from 'node:fs';
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { Person, useApp } from './support/app';
import { Cli } from './support/cli';
import { freePort } from './support/process';

const HEX_TOKEN = /tvs_[0-9a-f]{64}/;

describe('the tracevault command', () => {
  const app = useApp();
  let ada: Person;
  let cli: Cli;

  beforeAll(async () => {});
  beforeEach(async () => {
    cli = await Cli.inNewHome();
    ada = await app.signUp(null);
  });

  const login = () =>
    cli.run(['login', '--server', app.url, '--email', ada.email], { stdin: `${ada.password}\n` });
  const loggedIn = async (): Promise<Record<string, string>> => {
    expect(await login()).toMatchObject({ code: 0 });
    return cli.credentials();
  };

  const lastServer = (): string => join(dirname(cli.credentialsPath), 'last-server.json');

  describe('login', () => {
    it('with a password from stdin leaves a session in a file for its owner alone', async () => {
      const { code, out, err } = await login();
      expect([code, out]).toEqual([0, '']);
      expect(err).toContain(`Logged in to ${app.url} as ${ada.email}`);
      expect(err).not.toMatch(HEX_TOKEN);
      const credentials = await cli.credentials();
      expect(credentials).toEqual({
        server_url: app.url,
        token: expect.stringMatching(HEX_TOKEN),
        email: ada.email,
        expires_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      });
      expect(await cli.modeOf(cli.credentialsPath)).toBe('600');
      expect(await cli.modeOf(dirname(cli.credentialsPath))).toBe('700');
      expect(await readdir(dirname(cli.credentialsPath))).toEqual(['credentials.json']);
    });

    it('by device waits until the person approves, and names itself to them', async () => {
      const started = cli.start(['login', '--server', `${app.url}/`]);
      await new Promise((resolve) => started.child.stderr?.once('data', resolve));
      const code = /code ([A-Z]{4}-[A-Z]{4})/.exec(started.errors)![1]!;
      expect(started.errors).toContain(`/device?user_code=${code}`);
      const body = { user_code: code };
      const waiting = await app.api('POST', 'auth/device/preview', { token: ada.token, body });
      expect(await waiting.json()).toMatchObject({ client_name: expect.stringMatching(/^tracevault on /) });
      expect((await app.api('POST', 'auth/device/approve', { token: ada.token, body })).status).toBe(204);
      expect(await started.exit).toBe(0);
      expect(await cli.credentials()).toMatchObject({ server_url: app.url, email: ada.email });
      expect(started.output).toBe('');
    });

    it('that is denied ends with 1 and writes nothing', async () => {
      const started = cli.start(['login', '--server', app.url]);
      await new Promise((resolve) => started.child.stderr?.once('data', resolve));
      const code = /code ([A-Z]{4}-[A-Z]{4})/.exec(started.errors)![1]!;
      const body = { user_code: code, action: 'deny' };
      await app.api('POST', 'auth/device/approve', { token: ada.token, body });
      expect(await started.exit).toBe(1);
      expect(started.errors).toContain('denied');
      expect(existsSync(cli.credentialsPath)).toBe(false);
    });

    it('that is interrupted writes nothing', async () => {
      const started = cli.start(['login', '--server', app.url]);
      await new Promise((resolve) => started.child.stderr?.once('data', resolve));
      started.child.kill('SIGINT');
      expect(await started.exit).toBe('SIGINT');
      expect(existsSync(dirname(cli.credentialsPath))).toBe(false);
    });

    it('with a wrong password says what the server says, and keeps what was there', async () => {
      const before = await loggedIn();
      const { code, err } = await cli.run(['login', '--server', app.url, '--email', ada.email], {
        stdin: 'wrong one\n',
      });
      expect([code, err]).toEqual([1, expect.stringContaining('The email or the password is wrong.')]);
      expect(await cli.credentials()).toEqual(before);
    });

    it('revokes the session that it replaces', async () => {
      const { token: earlier } = await loggedIn();
      const { token } = await loggedIn();
      expect((await app.api('GET', 'auth/me', { token: earlier! })).status).toBe(401);
      expect((await app.api('GET', 'auth/me', { token: token! })).status).toBe(200);
    });

    it('without --server goes to the one of TRACEVAULT_SERVER, and says so', async () => {
      const env = { TRACEVAULT_SERVER: `${app.url}/` };
      const ran = await cli.run(['login', '--email', ada.email], { stdin: `${ada.password}\n`, env });
      expect(ran).toMatchObject({
        code: 0,
        err: expect.stringContaining(`${app.url}, which TRACEVAULT_SERVER`),
      });
      expect(await cli.credentials()).toMatchObject({ server_url: app.url });
      const typed = await cli.run(['login', '--server', app.url, '--email', ada.email], {
        stdin: `${ada.password}\n`,
        env: { TRACEVAULT_SERVER: 'http://127.0.0.1:1' },
      });
      expect(typed.code).toBe(0);
    });

    it.each([
      ['what is no URL', 'SECRET'],
      ['a password in it', 'http://u:SECRET@127.0.0.1:3000'],
    ])('refuses %s in TRACEVAULT_SERVER, without echoing it', async (_, TRACEVAULT_SERVER) => {
      const { code, err } = await cli.run(['login'], { env: { TRACEVAULT_SERVER } });
      expect([code, err]).toEqual([2, expect.stringContaining('Error: TRACEVAULT_SERVER takes a URL')]);
      expect(err).not.toContain('SECRET');
    });

    it('without --server goes where it was before, also after a logout', async () => {
      await loggedIn();
      const again = () => cli.run(['login', '--email', ada.email], { stdin: `${ada.password}\n` });
      const asLastTime = { code: 0, err: expect.stringContaining(`Logging in to ${app.url}, as last time.`) };
      expect(await again()).toMatchObject(asLastTime);
      expect(await cli.run(['logout'])).toMatchObject({ code: 0 });
      expect(await readdir(dirname(cli.credentialsPath))).toEqual(['last-server.json']);
      expect(await cli.modeOf(lastServer())).toBe('600');
      expect(JSON.parse(await readFile(lastServer(), 'utf8'))).toEqual({ server_url: app.url });
      expect(await again()).toMatchObject(asLastTime);
    });

    it.each([
      ['that others could have written', 0o666, 'http://127.0.0.1:1'],
      ['that names no server', 0o600, 'file:///etc'],
    ])('without --server does not follow a file %s', async (_, mode, server_url) => {
      await loggedIn();
      await cli.run(['logout']);
      await writeFile(lastServer(), JSON.stringify({ server_url }));
      await chmod(lastServer(), mode);
      expect(await cli.run(['login', '--email', ada.email], { stdin: 'x' })).toMatchObject({
        code: 2,
        err: expect.stringContaining('not known which server'),
      });
    });

    it.each([
      ['no URL', 'tracevault'],
      ['another protocol', 'ftp://tracevault.example'],
      ['the proxy’s path', 'http://127.0.0.1:3000/proxy/anthropic'],
      ['a shell’s words in it', 'http://a$(id)'],
      ['a password in it', 'http://u:SECRET@127.0.0.1:3000'],
    ])('refuses %s for a server as a usage error, without echoing it', async (_, server) => {
      const { code, err } = await cli.run(['login', '--server', server]);
      expect([code, err]).toEqual([2, expect.stringContaining('For example:')]);
      expect(err).not.toContain('SECRET');
    });

    it('to a server that answers nonsense, or half, keeps what was there', async () => {
      const before = await loggedIn();
      const answers = [
        '{"token":"to ken","email":"e","expires_at":"2099-01-01T00:00:00Z"}',
        '{"token":"t","email":"e","expires_at":"soon"}',
        '[]',
        'null',
        '<html>',
      ];
      const odd = createServer((_request, response) => {
        const answer = answers.shift();
        if (answer === undefined)
          response.writeHead(200, { 'content-length': '100' }).write('{', () => response.destroy());
        else response.end(answer);
      });
      await new Promise<void>((resolve) => odd.listen(0, '127.0.0.1', resolve));
      const url = `http://127.0.0.1:${(odd.address() as AddressInfo).port}`;
      for (let attempt = 0; attempt < 6; attempt++) {
        const { code, err } = await cli.run(['login', '--server', url, '--email', 'e'], { stdin: 'x' });
        expect([code, err]).toEqual([1, expect.stringMatching(/^Error: http.* does not answer .*\n.*\n$/)]);
      }
      expect(await cli.credentials()).toEqual(before);
      odd.close();
    });

    it('to a server that is not there says so', async () => {
      const server = `http://127.0.0.1:${await freePort()}`;
      const { code, err } = await cli.run(['login', '--server', server]);
      expect([code, err]).toEqual([1, expect.stringContaining(`${server} does not answer (ECONNREFUSED)`)]);
    });

    it('follows no redirect: a password must not go where nobody sent it', async () => {
      const elsewhere = createServer((_request, response) =>
        response.writeHead(307, { location: app.url }).end(),
      );
      await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
      const url = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
      const { code, err } = await cli.run(['login', '--server', url, '--email', ada.email], {
        stdin: ada.password,
      });
      expect([code, err]).toEqual([1, expect.stringContaining('redirects')]);
      elsewhere.close();
    });
  });

  describe('logged in', () => {
    it('whoami says who and where, as text and as JSON', async () => {
      const { expires_at } = await loggedIn();
      expect(await cli.run(['whoami'])).toMatchObject({
        code: 0,
        out: expect.stringContaining(ada.email),
        err: '',
      });
      const { out: text } = await cli.run(['whoami']);
      expect(text).toContain(`  organization   ${ada.org.replace('-', ' ')} (owner)\n`); // as people see it
      const { out } = await cli.run(['whoami', '--json']);
      expect(JSON.parse(out)).toMatchObject({
        server_url: app.url,
        email: ada.email,
        user_id: ada.userId,
        orgs: [{ name: ada.org, role: 'owner' }],
        expires_at,
      });
    });

    it('logout revokes the session on the server and here', async () => {
      const { token } = await loggedIn();
      expect(await cli.run(['logout'])).toMatchObject({ code: 0 });
      expect((await app.api('GET', 'auth/me', { token: token! })).status).toBe(401);
      expect(existsSync(cli.credentialsPath)).toBe(false);
    });

    it('logout without the server forgets the session here, and says that it lives on', async () => {
      const credentials = await loggedIn();
      await cli.writeCredentials({ ...credentials, server_url: 'http://127.0.0.1:1' });
      const { code, err } = await cli.run(['logout']);
      expect([code, err]).toEqual([1, expect.stringContaining('could not revoke the session')]);
      expect(existsSync(cli.credentialsPath)).toBe(false);
    });

    it('a session that was revoked elsewhere is named, with the way back', async () => {
      const { token } = await loggedIn();
      await app.api('POST', 'auth/logout', { token: token! });
      const { code, err } = await cli.run(['whoami']);
      expect([code, err]).toEqual([1, expect.stringContaining(`Run: tracevault login --server ${app.url}`)]);
    });
  });

  describe('proxy key', () => {
    const status = async () =>
      JSON.parse((await cli.run(['proxy', 'key', 'status', '--json'])).out) as object;
    const ofAnthropic = () => cli.run(['proxy', 'key', 'status', '--provider', 'anthropic']);

    it('is stored from stdin, shown as stored, and removed', async () => {
      await loggedIn();
      expect(await status()).toMatchObject({
        configured: false,
        fingerprint: null,
        configured_at: null,
        last_use: null,
      });
      expect(await cli.run(['proxy', 'key', 'set'], { stdin: ' sk-ant-from-stdin \nmore\n' })).toMatchObject({
        code: 0,
      });
      expect(await status()).toMatchObject({
        configured: true,
        fingerprint: 'sk-ant-…',
        configured_at: expect.any(String),
        last_use: null,
      });
      expect((await ofAnthropic()).out).toMatch(/stored since \d{4}-/);
      await fetch(`${app.proxyUrl}/v1/models`, {
        headers: { 'x-api-key': (await cli.credentials()).token! },
      });
      expect(app.upstream.last.headers['x-api-key']).toBe('sk-ant-from-stdin');
      expect(await status()).toMatchObject({ last_use: { client: 'node', status: 200 } });
      expect((await ofAnthropic()).out).toMatch(/Last used \d{4}-.* UTC by node, answered with 200\./);

      const unasked = await cli.run(['proxy', 'key', 'remove'], { stdin: 'y\n' });
      expect([unasked.code, unasked.err]).toEqual([2, expect.stringContaining('--yes')]);
      expect(await cli.run(['proxy', 'key', 'remove', '--yes'])).toMatchObject({ code: 0 });
      expect(await status()).toMatchObject({ configured: false });
    });

    describe('is checked by the server', () => {
      const KEY = 'sk-ant-api03-SECRET-0123456789wXyZ';
      const FINGERPRINT = 'sk-ant-api03…wXyZ';
      const set = (...options: string[]) => cli.run(['proxy', 'key', 'set', ...options], { stdin: KEY });
      const answering = (status: number, message: string): void =>
        app.upstream.answerWith((_, response) => {
          const error = { type: 'authentication_error', message };
          response.writeHead(status).end(JSON.stringify({ type: 'error', error }));
        });

      beforeEach(async () => {
        await loggedIn();
      });
      afterEach(() => app.upstream.answerWithDefault());

      it('and stored when it works, with its fingerprint for its owner to see', async () => {
        const { code, out, err } = await set();
        expect([code, out]).toEqual([0, '']);
        expect(err).toContain(`The key works, and is stored, encrypted: ${FINGERPRINT}.`);
        expect((await ofAnthropic()).out).toContain(`The key ${FINGERPRINT} is stored since`);
      });

      it('and not stored when the provider refuses it, whose words are shown', async () => {
        answering(401, `invalid x-api-key \u001b[31m${KEY}`);
        const { code, out, err } = await set();
        expect([code, out]).toEqual([1, '']);
        expect(err).toContain('Anthropic refused this key with 401: “invalid x-api-key ?[31m[key]”. Nothing');
        expect(err).toContain('To store it anyway: tracevault proxy key set --force');
        expect(err).not.toContain('force=true');
        expect(err).not.toContain('SECRET');
        expect(await status()).toMatchObject({ configured: false });
      });

      it('and not stored when the provider can’t say', async () => {
        answering(529, 'Overloaded');
        const { code, err } = await set();
        expect([code, err]).toEqual([1, expect.stringContaining('answered with 529: “Overloaded”. Nothing')]);
        expect(err).toContain('To store it anyway: tracevault proxy key set --force');
        expect(await status()).toMatchObject({ configured: false });
      });

      it('not at all with --force', async () => {
        answering(401, 'invalid x-api-key');
        const { code, err } = await set('--force');
        expect([code, err]).toEqual([
          0,
          expect.stringContaining(`The key is stored unchecked, encrypted: ${FINGERPRINT}.`),
        ]);
        expect(await status()).toMatchObject({ configured: true, fingerprint: FINGERPRINT });
      });

      it.each([[[]], [['--force']]])('and is refused as an admin key %j', async (options) => {
        const stdin = 'sk-ant-admin01-SECRET-0123456789';
        const { code, err } = await cli.run(['proxy', 'key', 'set', ...options], { stdin });
        expect([code, err]).toEqual([1, expect.stringContaining('key is an admin key')]);
        expect(err).not.toMatch(/SECRET|--force/);
      });
    });

    it('is stored by a server that knows no check', async () => {
      const { token } = await loggedIn();
      const older = createServer(({ method }, response) =>
        method === 'PUT' ? response.writeHead(204).end() : response.writeHead(404).end('{}'),
      );
      await new Promise<void>((resolve) => older.listen(0, '127.0.0.1', resolve));
      const server_url = `http://127.0.0.1:${(older.address() as AddressInfo).port}`;
      await cli.writeCredentials({ ...(await cli.credentials()), server_url, token });
      const { code, err } = await cli.run(['proxy', 'key', 'set'], { stdin: 'sk-ant-x' });
      expect([code, err]).toEqual([0, expect.stringContaining('The key is stored unchecked, encrypted.')]);
      older.close();
    });

    it.each([
      ['', 'No key came in'],
      ['pk-wrong-SECRET', 'no Anthropic key'],
      ['sk-ant-SECRET with spaces', 'key'],
    ])('%j is refused without being echoed', async (stdin, message) => {
      await loggedIn();
      const { code, out, err } = await cli.run(['proxy', 'key', 'set'], { stdin });
      expect([code, err]).toEqual([1, expect.stringContaining(message)]);
      expect(out + err).not.toContain('SECRET');
    });

    it('is echoed from no option either', async () => {
      for (const args of [
        ['proxy', 'key', 'set', '--key=sk-ant-SECRET'],
        ['sk-ant-SECRET'],
        ['tvs_SECRET'],
      ]) {
        const { code, out, err } = await cli.run(args);
        expect([code, out + err]).toEqual([2, expect.not.stringContaining('SECRET')]);
      }
    });

    it('is taken from no argument, and not echoed from there', async () => {
      await loggedIn();
      const { code, out, err } = await cli.run(['proxy', 'key', 'set', 'sk-ant-SECRET']);
      expect(code).toBe(2);
      expect(out + err).not.toContain('SECRET');
    });
  });

  describe('proxy info', () => {
    it('tells everything without any network', async () => {
      const credentials = await loggedIn();
      await cli.writeCredentials({ ...credentials, server_url: 'https://vault.invalid' });
      const { code, out } = await cli.run(['proxy', 'info']);
      expect(code).toBe(0);
      for (const text of [
        'https://vault.invalid/proxy/anthropic',
        cli.credentialsPath,
        'export ANTHROPIC_BASE_URL=https://vault.invalid/proxy/anthropic',
        'export ANTHROPIC_API_KEY="$(tracevault proxy token)"',
        '"apiKeyHelper": "tracevault proxy token"',
        'Claude Code, GSD',
        'Cursor',
        'https://vault.invalid/proxy/openai/v1\n',
        'tracevault proxy info --client codex',
      ])
        expect(out).toContain(text);
      expect(out).not.toMatch(HEX_TOKEN);
      expect(out).not.toContain('\u001b');
    });

    it('as JSON is for scripts', async () => {
      const { expires_at } = await loggedIn();
      const { out } = await cli.run(['proxy', 'info', '--json']);
      expect(JSON.parse(out)).toEqual({
        server_url: app.url,
        proxy_base_url: app.proxyUrl,
        credentials_file: cli.credentialsPath,
        email: ada.email,
        expires_at,
        shells: expect.objectContaining({
          bash: expect.any(Array),
          fish: expect.any(Array),
          powershell: expect.any(Array),
        }),
        claude_code_settings: {
          env: { ANTHROPIC_BASE_URL: app.proxyUrl },
          apiKeyHelper: 'tracevault proxy token',
        },
        base_url_with_v1: `${app.proxyUrl}/v1`,
        clients: expect.any(Object),
        proxy_token: null,
        outbound_proxy: null,
        limits: [],
        capture: { content: false, redact: true },
      });
    });

    it('names a variable that sends agents to another proxy first, and the line against it', async () => {
      const credentials = await loggedIn();
      await cli.writeCredentials({ ...credentials, server_url: 'https://vault.invalid' });
      const env = { HTTPS_PROXY: 'http://user:SECRET@proxy.corp:8080', SHELL: '/usr/bin/fish' };
      const text = await cli.run(['proxy', 'info'], { env });
      expect(text.err).toMatch(/HTTPS_PROXY is set.*\n {2}set -gx NO_PROXY .* vault\.invalid\)\n$/);
      const json = await cli.run(['proxy', 'info', '--json', '--shell', 'bash'], { env });
      expect(JSON.parse(json.out)).toMatchObject({
        outbound_proxy: {
          variable: 'HTTPS_PROXY',
          no_proxy_line: 'export NO_PROXY="${NO_PROXY:+$NO_PROXY,}vault.invalid"',
        },
      });
      expect(text.out + text.err + json.out + json.err).not.toContain('SECRET');
    });

    it('has the lines of the shell that is asked for, and knows no other', async () => {
      await loggedIn();
      const { out } = await cli.run(['proxy', 'info', '--shell', 'fish']);
      expect(out).toContain('set -gx ANTHROPIC_API_KEY (tracevault proxy token)');
      expect(out).not.toContain('export ');
      expect(await cli.run(['proxy', 'info', '--shell', 'csh'])).toMatchObject({ code: 2 });
    });

    it('gives bash lines that work as they are', async () => {
      const { token } = await loggedIn();
      const { out } = await cli.run(['proxy', 'info', '--json']);
      const { shells } = JSON.parse(out) as { shells: { bash: string[] } };
      expect(shells.bash[0]).toBe(`export ANTHROPIC_BASE_URL=${app.proxyUrl}`);
      expect(await cli.run(['proxy', 'token'])).toEqual({ code: 0, out: `${token!}\n`, err: '' });
    });
  });

  it.each([
    [['whoami']],
    [['logout']],
    [['proxy', 'info']],
    [['proxy', 'token']],
    [['proxy', 'key', 'status']],
    [['proxy', 'check']],
  ])('%j without a login exits 1 with a hint on stderr', async (args) => {
    expect(await cli.run(args)).toEqual({
      code: 1,
      out: '',
      err: 'Error: You are not logged in.\nRun: tracevault login --server URL\n',
    });
  });

  describe('the credentials file', () => {
    it('that others can read is refused with the command that fixes it', async () => {
      await loggedIn();
      await chmod(cli.credentialsPath, 0o640);
      const { code, err, out } = await cli.run(['proxy', 'token']);
      expect([code, out]).toEqual([1, '']);
      expect(err).toContain(`Run: chmod 600 '${cli.credentialsPath}'`);
      await chmod(cli.credentialsPath, 0o600);
      expect(await cli.run(['proxy', 'token'])).toMatchObject({ code: 0 });
    });

    it('in a directory that others can write to is refused, until it is fixed', async () => {
      await loggedIn();
      await chmod(dirname(cli.credentialsPath), 0o777);
      const { code, out, err } = await cli.run(['proxy', 'token']);
      expect([code, out]).toEqual([1, '']);
      expect(err).toContain(`Run: chmod 700 '${dirname(cli.credentialsPath)}'`);
      await loggedIn();
      expect(await cli.modeOf(dirname(cli.credentialsPath))).toBe('700');
    });

    it('lies in XDG_CONFIG_HOME when that is set and absolute', async () => {
      const env = { XDG_CONFIG_HOME: join(cli.home, 'elsewhere') };
      await cli.run(['login', '--server', app.url, '--email', ada.email], { stdin: ada.password, env });
      expect(existsSync(join(cli.home, 'elsewhere/tracevault/credentials.json'))).toBe(true);
      expect(await cli.run(['proxy', 'token'], { env: { XDG_CONFIG_HOME: 'elsewhere' } })).toMatchObject({
        code: 1,
      });
    });

    it.each([
      ['half a file', '{"server_url": "http://127'],
      ['null', 'null'],
      ['another shape', '{"token": "x"}'],
      [
        'a token with a line break',
        '{"server_url":"http://a","token":"a\\nb","email":"e","expires_at":"2099-01-01T00:00:00Z"}',
      ],
      [
        'a server that is none',
        '{"server_url":"file:///etc","token":"a","email":"e","expires_at":"2099-01-01T00:00:00Z"}',
      ],
      ['an expiry that is none', '{"server_url":"http://a","token":"a","email":"e","expires_at":"soon"}'],
    ])('that holds %s is no login', async (_, text) => {
      await cli.writeCredentials(text);
      const { code, err, out } = await cli.run(['proxy', 'token']);
      expect([code, out, err]).toEqual([1, '', expect.stringContaining('does not hold credentials')]);
    });

    it('that an editor has begun with a byte order mark is one all the same', async () => {
      const credentials = await loggedIn();
      await cli.writeCredentials(`\uFEFF${JSON.stringify(credentials)}`);
      expect(await cli.run(['proxy', 'token'])).toMatchObject({ code: 0, err: '' });
    });

    it('with an expired session gives no token, and says what to do', async () => {
      const credentials = await loggedIn();
      await cli.writeCredentials({ ...credentials, expires_at: '2026-01-02T03:04:05.000Z' });
      for (const args of [['token'], ['check'], ['key', 'status']]) {
        const { code, err, out } = await cli.run(['proxy', ...args]);
        expect([code, out]).toEqual([1, '']);
        expect(err).toContain('Your session expired on 2026-01-02 03:04 UTC.');
        expect(err).toContain(`Run: tracevault login --server ${app.url}`);
      }
      const info = await cli.run(['proxy', 'info']);
      expect([info.code, info.err]).toEqual([0, expect.stringContaining('your session expired')]);
    });
  });

  describe('in a process of its own', () => {
    it('has data alone on stdout, and its exit codes', async () => {
      const login = ['login', '--server', app.url, '--email', ada.email];
      expect(await cli.start(login, { stdin: ada.password }).ran()).toMatchObject({ code: 0, out: '' });
      const { token } = await cli.credentials();
      expect(await cli.start(['proxy', 'token']).ran()).toEqual({ code: 0, out: `${token!}\n`, err: '' });
      const { out, err } = await cli.start(['whoami', '--json']).ran();
      expect([JSON.parse(out), err]).toEqual([expect.objectContaining({ email: ada.email }), '']);
      expect(await cli.start(['proxy', 'token', 'nope']).ran()).toMatchObject({ code: 2, out: '' });
      expect(await cli.start(['logout']).ran()).toMatchObject({ code: 0, out: '' });
      expect(await cli.start(['whoami']).ran()).toMatchObject({ code: 1, out: '' });
    });
  });

  describe('manners', () => {
    it('a reader that has enough is no failure', async () => {
      await loggedIn();
      const started = cli.start(['proxy', 'info']);
      started.child.stdout?.destroy();
      expect([await started.exit, started.errors]).toEqual([0, '']);
    });

    it('usage errors exit 2, help and version 0', async () => {
      for (const args of [
        ['nope'],
        ['login'],
        ['proxy', 'nope'],
        ['whoami', '--nope'],
        ['completion', 'csh'],
        ['logout', 'x'],
      ])
        expect([args, (await cli.run(args)).code]).toEqual([args, 2]);
      expect((await cli.run(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
    });

    it.each([
      '',
      'login',
      'logout',
      'whoami',
      'proxy',
      'proxy info',
      'proxy token',
      'proxy check',
      'proxy key',
      'proxy key status',
      'proxy key set',
      'proxy key remove',
      'completion',
    ])('"%s --help" has an example', async (command) => {
      const { code, out } = await cli.run([...command.split(' ').filter(Boolean), '--help']);
      expect([code, out]).toEqual([0, expect.stringMatching(/Examples:\n.*tracevault/)]);
    });

    it.each(['bash', 'zsh', 'fish'])('completes in %s', async (shell) => {
      const { code, out } = await cli.run(['completion', shell]);
      expect(code).toBe(0);
      expect(out).toMatch(/proxy key.*status set remove/);
    });
  });
});
