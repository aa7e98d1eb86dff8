import { createServer, RequestListener, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { Person, useApp } from './support/app';
import { Cli } from './support/cli';
import { newMember } from './support/people';

const OPENAI_KEY = 'sk-proj-0123456789abcdef-SECRET-wXyZ';
const ANTHROPIC_KEY = 'sk-ant-api03-0123456789-SECRET-wXyZ';

interface Status {
  readonly configured: boolean;
  readonly fingerprint: string | null;
  readonly providers: { provider: string; in_use: string | null; reason: string | null }[];
}

describe('tracevault proxy key, for each provider', () => {
  const app = useApp();
  let ada: Person;
  let cli: Cli;

  const logIn = (person: Person, server_url = app.url) =>
    cli.writeCredentials({
      server_url,
      token: person.token,
      email: person.email,
      expires_at: '2099-01-01T00:00:00.000Z',
    });
  const set = (stdin: string, ...options: string[]) =>
    cli.run(['proxy', 'key', 'set', ...options], { stdin: `${stdin}\n` });
  const status = async (...options: string[]) =>
    JSON.parse((await cli.run(['proxy', 'key', 'status', '--json', ...options])).out) as Status;

  beforeEach(async () => {
    cli = await Cli.inNewHome();
    ada = await app.signUp(null);
    await logIn(ada);
  });
  afterEach(() => app.upstream.answerWithDefault());

  it('is stored for the provider that is named, in its own words, and removed alone', async () => {
    expect(await set(ANTHROPIC_KEY)).toMatchObject({ code: 0 });
    const { code, out, err } = await set(OPENAI_KEY, '--provider', 'openai');
    expect([code, out]).toEqual([0, '']);
    expect(err).toContain('The key works, and is stored, encrypted: sk-proj-0123…wXyZ.');
    expect(app.upstream.last.headers).toMatchObject({ authorization: `Bearer ${OPENAI_KEY}` });

    expect(await cli.run(['proxy', 'key', 'remove', '--yes', '-p', 'openai'])).toMatchObject({
      code: 0,
      err: 'No OpenAI key of yours is stored any more.\n',
    });
    expect(await status()).toMatchObject({ configured: true, fingerprint: 'sk-ant-api03…wXyZ' });
    expect((await cli.run(['proxy', 'key', 'status', '--provider', 'openai'])).out).toBe(
      'No OpenAI key is stored. Run: tracevault proxy key set --provider openai\n',
    );
  });

  it('says whose a key is that belongs to another provider, and the command for it', async () => {
    const { code, err } = await set(OPENAI_KEY);
    expect(code).toBe(1);
    expect(err).toContain('This looks like an OpenAI key');
    expect(err).toContain('Run: tracevault proxy key set --provider openai\n');
    const other = await set(ANTHROPIC_KEY, '--provider', 'openai');
    expect(other.err).toMatch(/This looks like an Anthropic key.*\nRun: tracevault proxy key set\n$/);
    expect(err + other.err).not.toContain('SECRET');
    expect((await status()).providers.every(({ in_use }) => in_use === null)).toBe(true);
  });

  it('sends no text anywhere that is no provider’s key, for it may be a password', async () => {
    const { code, err } = await set('pass SECRET', '--provider', 'gemini');
    expect([code, err]).toEqual([
      1,
      'Error: This is no Gemini key: it does not begin with AIza. Nothing was changed.\nGet one at https://aistudio.google.com/apikey\n',
    ]);
    expect(app.log).not.toContain('"path":"/api/v1/me/keys/gemini"');
  });

  it('names the option with the command that stores a refused key all the same', async () => {
    app.upstream.answerWith((_request, response) => {
      response.writeHead(401).end(JSON.stringify({ error: { message: 'Incorrect API key provided' } }));
    });
    const { code, err } = await set(OPENAI_KEY, '--provider', 'openai');
    expect([code, err]).toEqual([1, expect.stringContaining('OpenAI refused this key with 401')]);
    expect(err).toContain('To store it anyway: tracevault proxy key set --provider openai --force');
    expect(await set(OPENAI_KEY, '--provider', 'openai', '--force')).toMatchObject({ code: 0 });
  });

  it.each([[['set']], [['status']], [['remove', '--yes']]])(
    '%j of a provider that the server has not lists those that it has',
    async (args) => {
      const ran = await cli.run(['proxy', 'key', ...args, '--provider', 'acme'], { stdin: OPENAI_KEY });
      expect(ran).toEqual({
        code: 2,
        out: '',
        err: 'Error: This server has no provider "acme", or it is switched off.\nIt has: anthropic, openai, gemini, openrouter.\n',
      });
    },
  );

  it('status is a table of all providers, with the key that calls take', async () => {
    await app.storeKey(ada.token, OPENAI_KEY, 'openai');
    await app.api('PUT', `orgs/${ada.org}/keys/gemini`, { token: ada.token, body: { key: 'AIzaSECRET-1' } });
    const { code, out, err } = await cli.run(['proxy', 'key', 'status']);
    expect([code, err]).toEqual([0, '']);
    const lines = out.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^PROVIDER +YOUR KEY +SINCE +LAST USED \(UTC\) +CALLS TAKE$/);
    expect(lines[1]).toMatch(/^anthropic +none +none: no key is stored$/);
    expect(lines[2]).toMatch(/^openai +sk-proj-0123…wXyZ +\d{4}-\d\d-\d\d +not used yet +own key$/);
    expect(lines[3]).toMatch(new RegExp(`^gemini +none +key of "${ada.org}"$`));
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(out).not.toContain('SECRET');
  });

  it('status as JSON has Anthropic’s fields at its top, as ever, and those of all providers', async () => {
    await app.storeKey(ada.token, OPENAI_KEY, 'openai');
    const all = await status();
    expect(all).toEqual({
      configured: false,
      fingerprint: null,
      configured_at: null,
      last_use: null,
      providers: expect.any(Array),
    });
    expect(all.providers.map(({ provider, in_use, reason }) => [provider, in_use, reason])).toEqual([
      ['anthropic', null, 'no_key'],
      ['openai', 'own', null],
      ['gemini', null, 'no_key'],
      ['openrouter', null, 'no_key'],
    ]);
    expect(await status('--provider', 'openai')).toMatchObject({
      provider: 'openai',
      label: 'OpenAI',
      configured: true,
      fingerprint: 'sk-proj-0123…wXyZ',
      configured_at: expect.any(String),
      last_use: null,
      in_use: 'own',
    });
  });

  it.each([
    ['forbidden', 'none: "ORG" has no key', 'Your calls take: none: "ORG" has no key.'],
    ['required', 'none: "ORG" wants your own', 'Run: tracevault proxy key set'],
  ])('status says why there is no key where own keys are %s', async (personal_keys, inTable, alone) => {
    const body = { personal_keys };
    expect((await app.api('PATCH', `orgs/${ada.org}`, { token: ada.token, body })).status).toBe(200);
    const { out, err } = await cli.run(['proxy', 'key', 'status']);
    expect(out).toContain(inTable.replace('ORG', ada.org));
    expect(err.includes('key set')).toBe(personal_keys === 'required');
    const one = await cli.run(['proxy', 'key', 'status', '--provider', 'anthropic']);
    expect(one.out).toContain(alone.replace('ORG', ada.org));
    expect(one.out.includes('key set')).toBe(personal_keys === 'required');
  });

  it('status of a member names the organization whose key their calls take', async () => {
    const body = { key: OPENAI_KEY };
    await app.api('PUT', `orgs/${ada.org}/keys/openai`, { token: ada.token, body });
    await logIn(await newMember(app, ada.org, 'developer'));
    expect((await cli.run(['proxy', 'key', 'status', '--provider', 'openai'])).out).toBe(
      `No OpenAI key is stored.\nYour calls take: key of "${ada.org}".\n`,
    );
  });

  describe('with a server of an earlier version', () => {
    let server: Server | undefined;

    const startEarlier = async (answer: RequestListener): Promise<void> => {
      server = createServer((request, response) => {
        if (request.url?.startsWith('/api/v1/me/anthropic-key')) answer(request, response);
        else response.writeHead(404).end('{"statusCode":404,"message":"Not Found"}');
      });
      await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
      await logIn(ada, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    };
    afterEach(() => {
      server?.close();
    });

    it('goes on for Anthropic as before', async () => {
      const stored = { configured: true, fingerprint: 'sk-ant-…', configured_at: '2026-01-02T03:04:05.000Z' };
      await startEarlier((_, response) => response.end(JSON.stringify({ ...stored, last_use: null })));
      expect(await status()).toMatchObject({ ...stored, last_use: null });
      expect(await cli.run(['proxy', 'key', 'status'])).toMatchObject({
        code: 0,
        out: 'The key sk-ant-… is stored since 2026-01-02 03:04 UTC.\nNo request has come through with it yet.\n',
      });
      expect(await set(ANTHROPIC_KEY)).toMatchObject({ code: 0 });
      expect(await cli.run(['proxy', 'key', 'remove', '--yes'])).toMatchObject({ code: 0 });
    });

    it.each([[['set']], [['status']], [['remove', '--yes']]])('%j knows no other provider', async (args) => {
      await startEarlier((_, response) => response.end('{"configured":false}'));
      const { code, err } = await cli.run(['proxy', 'key', ...args, '--provider', 'openai']);
      expect([code, err]).toEqual([
        1,
        expect.stringContaining('earlier version, which knows Anthropic alone'),
      ]);
    });
  });
});
