import { execFileSync } from 'node:child_process';
import { Person, useApp } from './support/app';
import { Cli } from './support/cli';
import { newMember } from './support/people';

interface Recipe {
  readonly title: string;
  readonly base_url: string;
  readonly steps: { text: string; code?: string[] }[];
}

const SERVER = 'https://vault.invalid';

describe('tracevault proxy info --client', () => {
  const app = useApp();
  let ada: Person;
  let cli: Cli;

  const pointAt = (server_url: string): Promise<void> =>
    cli.writeCredentials({
      server_url,
      token: ada.token,
      email: ada.email,
      expires_at: '2099-01-01T00:00:00.000Z',
    });
  const info = (...options: string[]) => cli.run(['proxy', 'info', ...options]);
  const recipe = async (client: string, ...options: string[]): Promise<Recipe> => {
    const { code, out } = await info('--json', '--client', client, ...options);
    expect(code).toBe(0);
    const { clients } = JSON.parse(out) as { clients: Record<string, Recipe> };
    expect(Object.keys(clients)).toEqual([client]);
    return clients[client]!;
  };
  const codeOf = ({ steps }: Recipe): string => steps.flatMap(({ code = [] }) => code).join('\n');

  beforeAll(async () => {
    ada = await app.signUp();
  });
  beforeEach(async () => {
    cli = await Cli.inNewHome();
    await pointAt(SERVER);
  });

  it.each([
    ['claude-code', `export ANTHROPIC_BASE_URL=${SERVER}/proxy/anthropic\n`],
    ['codex', `base_url = "${SERVER}/proxy/openai/v1"\n`],
    ['gemini', `export GOOGLE_GEMINI_BASE_URL=${SERVER}/proxy/gemini\n`],
    ['opencode', `"baseURL": "${SERVER}/proxy/anthropic/v1"`],
    ['cursor', `${SERVER}/proxy/anthropic\n`],
    ['cline', `${SERVER}/proxy/anthropic\n`],
    ['sdk', `new OpenAI({ baseURL: '${SERVER}/proxy/openai/v1'`],
  ])('%s prints that recipe alone, and no token', async (client, line) => {
    const { code, out, err } = await info('--client', client, '--shell', 'bash');
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain(line);
    expect(out).toContain('tracevault proxy token');
    expect(out).not.toContain('Credentials file');
    expect(out).not.toMatch(/tv[sp]_/);
    expect((await info()).out).toContain(client === 'claude-code' ? 'Claude Code' : `--client ${client} `);
  });

  it.each([
    ['codex', 'openrouter', '/proxy/openrouter/v1'],
    ['claude-code', 'openrouter', '/proxy/openrouter'],
    ['opencode', 'gemini', '/proxy/gemini/v1beta'],
    ['opencode', 'openai', '/proxy/openai/v1'],
    ['cursor', 'openai', '/proxy/openai/v1'],
    ['cline', 'gemini', '/proxy/gemini'],
    ['cline', 'openrouter', '/proxy/openrouter/v1'],
    ['codex', 'azure-eu', '/proxy/azure-eu/v1'],
    ['claude-code', 'bedrock-eu', '/proxy/bedrock-eu'],
    ['gemini', 'vertex-eu', '/proxy/vertex-eu'],
    ['opencode', 'vllm', '/proxy/vllm/v1'],
  ])('%s is pointed at %s', async (client, provider, path) => {
    const { base_url, steps } = await recipe(client, '--provider', provider);
    expect(base_url).toBe(SERVER + path);
    expect(JSON.stringify(steps)).toContain(SERVER + path);
  });

  it('gives opencode a file that parses, with the providers by its own names', async () => {
    for (const [provider, name] of [
      ['anthropic', 'anthropic'],
      ['gemini', 'google'],
      ['openrouter', 'openrouter'],
    ] as const) {
      const { steps } = await recipe('opencode', '--provider', provider);
      const file = JSON.parse(steps[0]!.code!.join('\n')) as {
        provider: Record<string, { options: object }>;
      };
      expect(file.provider[name]!.options).toMatchObject({ apiKey: '{env:TRACEVAULT_TOKEN}' });
    }
  });

  it('gives Codex a provider that asks for the token itself', async () => {
    expect(codeOf(await recipe('codex'))).toContain(
      [
        'model_provider = "tracevault"',
        '',
        '[model_providers.tracevault]',
        'name = "TraceVault"',
        `base_url = "${SERVER}/proxy/openai/v1"`,
        'wire_api = "responses"',
        '',
        '[model_providers.tracevault.auth]',
        'command = "tracevault"',
        'args = ["proxy", "token"]',
      ].join('\n'),
    );
  });

  it('gives Claude Code a bearer token for a provider that takes no other', async () => {
    const code = codeOf(await recipe('claude-code', '--provider', 'openrouter', '--shell', 'bash'));
    expect(code).toContain('export ANTHROPIC_AUTH_TOKEN="$(tracevault proxy token)"');
    expect(code).not.toContain('ANTHROPIC_API_KEY');
  });

  it.each([
    ['bash', 'export GEMINI_API_KEY="$(tracevault proxy token)"'],
    ['zsh', 'export GEMINI_API_KEY="$(tracevault proxy token)"'],
    ['fish', 'set -gx GEMINI_API_KEY (tracevault proxy token)'],
    ['powershell', '$env:GEMINI_API_KEY = (tracevault proxy token)'],
  ])('has lines for %s', async (shell, line) => {
    expect((await info('--client', 'gemini', '--shell', shell)).out).toContain(line);
  });

  it('gives lines that a shell takes as they are, and that reach the provider through the server', async () => {
    await pointAt(app.url);
    await app.storeKey(ada.token, 'AIza0123456789abcdef', 'gemini');
    const { steps } = await recipe('gemini', '--shell', 'bash');
    const script = [
      'tracevault() { echo "$TOKEN"; }',
      ...steps[0]!.code!,
      'echo "$GOOGLE_GEMINI_BASE_URL $GEMINI_API_KEY"',
    ].join('\n');
    const [url, token] = execFileSync('sh', ['-c', script], { env: { TOKEN: ada.token }, encoding: 'utf8' })
      .trim()
      .split(' ');
    app.upstream.answerWith((_request, response) => {
      response.end('{"models":[]}');
    });
    const response = await fetch(`${url!}/v1beta/models`, { headers: { 'x-goog-api-key': token! } });
    app.upstream.answerWithDefault();
    expect(response.status).toBe(200);
    expect(app.upstream.last.target).toBe('/v1beta/models');
  });

  it('as JSON has all clients, each for the provider that is named if it can speak its API', async () => {
    const { out } = await info('--json', '--provider', 'openai');
    const { clients, ...others } = JSON.parse(out) as { clients: Record<string, Recipe> };
    expect(
      Object.entries(clients).map(([name, { base_url }]) => [name, base_url.slice(SERVER.length)]),
    ).toEqual([
      ['claude-code', '/proxy/anthropic'],
      ['codex', '/proxy/openai/v1'],
      ['gemini', '/proxy/gemini'],
      ['opencode', '/proxy/openai/v1'],
      ['cursor', '/proxy/openai/v1'],
      ['cline', '/proxy/openai/v1'],
      ['sdk', '/proxy'],
    ]);
    expect(others).toMatchObject({ proxy_base_url: `${SERVER}/proxy/openai` });
  });

  it.each([
    ['openai', 'Codex'],
    ['gemini', 'Gemini CLI'],
    ['openrouter', 'opencode'],
    ['bedrock-eu', 'opencode'],
  ])('without a client, begins for %s with the recipe of %s', async (provider, title) => {
    const { out } = await info('--provider', provider);
    expect(out).toContain(`Proxy base URL     ${SERVER}/proxy/${provider}\n`);
    expect(out).toContain(`\n${title}\n1. `);
    expect(out).toContain('--client claude-code');
  });

  it('says which organizations keep what agents say', async () => {
    await pointAt(app.url);
    const policy = (capture: string) =>
      app.api('PATCH', `orgs/${ada.org}`, { token: ada.token, body: { capture } });
    expect((await info()).err).toBe('');
    await policy('required');
    const note = `Note: ${ada.org} keeps what agents say in its calls: prompts, files and answers, encrypted, for the person whose call it is to read`;
    expect((await info()).err).toContain(`${note}.\n`);
    await newMember(app, ada.org, 'auditor');
    expect((await info()).err).toContain(
      `${note}, and for its auditors with a reason that the person sees.\n`,
    );
    expect((await info('--client', 'codex')).err).toBe('');
    await policy('members_choose');
    expect((await info()).err).toBe('');
  });

  it('says whether what one’s own agents say is kept, and with the secrets in it or without', async () => {
    await pointAt(app.url);
    const choose = (body: object) => app.api('PUT', 'me/capture', { token: ada.token, body });
    const json = async () => (JSON.parse((await info('--json')).out) as { capture: object }).capture;
    expect(await json()).toEqual({ content: false, redact: true });
    await choose({ content: true });
    const note =
      'Note: What your agents say is kept: prompts, files and answers, encrypted, for you to read.\n';
    expect((await info()).err).toBe(`${note}Note: Secrets are taken out of what is kept.\n`);
    await choose({ redact: false });
    expect(await json()).toEqual({ content: true, redact: false });
    expect((await info()).err).toBe(
      `${note}Note: Secrets stay in what is kept. Have them taken out: ${app.url}/me/account/\n`,
    );
    await choose({ content: false });
    expect((await info()).err).toBe('');
  });

  it.each([
    [['--client', 'emacs'], 'There are recipes for claude-code, codex'],
    [['--client', 'codex', '--provider', 'gemini'], 'Codex can’t speak the API of gemini'],
    [['--client', 'cursor', '--provider', 'gemini'], 'It takes --provider anthropic, openai, openrouter'],
    [['--provider', '../x'], 'takes the id of a provider'],
  ])('%j is a usage error', async (options, words) => {
    const { code, out, err } = await info(...options);
    expect([code, out]).toEqual([2, '']);
    expect(err.replaceAll("'", '’')).toContain(words);
  });
});
