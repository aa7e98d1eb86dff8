import type { Client, Provider } from './clients';
import { providersOf } from './clients';
import { recipe } from './recipes';
import type { Shell } from './shells';

const at = 'http://127.0.0.1:3000/proxy';
const row = (
  id: string,
  dialect: Provider['dialect'],
  path: string,
  clients: Provider['clients'],
): Provider => ({
  id,
  label: id,
  prefix: `/proxy/${id}`,
  base_url: `${at}/${id}${path}`,
  dialect,
  key_prefix: null,
  websockets: false,
  clients,
});
const OPENAI_CLIENTS = { base_url: 'OPENAI_BASE_URL', tokens: ['OPENAI_API_KEY'], bearer: 'OPENAI_API_KEY' };
const ANTHROPIC_CLIENTS = {
  base_url: 'ANTHROPIC_BASE_URL',
  tokens: ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN'],
  bearer: 'ANTHROPIC_AUTH_TOKEN',
};
const ALL = [
  row('anthropic', 'anthropic', '', ANTHROPIC_CLIENTS),
  row('openai', 'openai', '/v1', OPENAI_CLIENTS),
  row('gemini', 'gemini', '', {
    base_url: 'GOOGLE_GEMINI_BASE_URL',
    tokens: ['GEMINI_API_KEY'],
    bearer: 'GEMINI_API_KEY',
  }),
  row('openrouter', 'openai', '/v1', {
    ...OPENAI_CLIENTS,
    tokens: ['OPENROUTER_API_KEY', 'OPENAI_API_KEY'],
  }),
  row('bedrock-eu', 'anthropic', '', ANTHROPIC_CLIENTS),
];

function blocks(
  client: Client,
  { id, shell = 'bash', token = 'tvp_1' }: { id?: string; shell?: Shell; token?: string } = {},
): Record<string, string> {
  const providers = providersOf(client, ALL);
  const provider = providers.find((one) => one.id === (id ?? providers[0]?.id))!;
  const all = recipe(client, { provider, providers, shell, language: 'python', token });
  return Object.fromEntries(all.map(({ name, text }) => [name, text]));
}

describe('the recipe for a client', () => {
  it.each<[Client, { id?: string; shell?: Shell }, string[]]>([
    [
      'claude-code',
      {},
      [`export ANTHROPIC_BASE_URL=${at}/anthropic`, 'export ANTHROPIC_API_KEY=tvp_1', 'claude'],
    ],
    [
      'claude-code',
      { shell: 'fish', id: 'bedrock-eu' },
      [`set -gx ANTHROPIC_BASE_URL ${at}/bedrock-eu`, 'set -gx ANTHROPIC_API_KEY tvp_1', 'claude'],
    ],
    [
      'gsd',
      { shell: 'powershell' },
      [`$env:ANTHROPIC_BASE_URL = "${at}/anthropic"`, '$env:ANTHROPIC_API_KEY = "tvp_1"', 'gsd'],
    ],
    ['codex', {}, ['export TRACEVAULT_TOKEN=tvp_1', 'codex']],
    [
      'gemini-cli',
      {},
      [`export GOOGLE_GEMINI_BASE_URL=${at}/gemini`, 'export GEMINI_API_KEY=tvp_1', 'gemini'],
    ],
    ['opencode', {}, ['export TRACEVAULT_TOKEN=tvp_1', 'opencode']],
    [
      'sdks',
      { id: 'openrouter' },
      [`export OPENAI_BASE_URL=${at}/openrouter/v1`, 'export OPENAI_API_KEY=tvp_1'],
    ],
  ])('%s has lines: %j', (client, choice, lines) => {
    expect(blocks(client, choice).Lines?.split('\n')).toEqual(lines);
  });

  it('of Claude Code begins with its settings, whose token goes out as Bearer, and has them in one command', () => {
    const { 'settings.json': settings = '', Command: command = '' } = blocks('claude-code');
    const env = { ANTHROPIC_BASE_URL: `${at}/anthropic`, ANTHROPIC_AUTH_TOKEN: 'tvp_1' };
    expect(JSON.parse(settings)).toEqual({ env });
    expect(command).toBe(`claude --settings '${JSON.stringify({ env })}'`);
    expect(Object.keys(blocks('claude-code', { shell: 'powershell' }))).toEqual(['settings.json', 'Lines']);
  });

  it('of Claude Code without a token asks the tracevault command for it, and has no gap', () => {
    const provider = ALL[0]!;
    const connection = {
      provider,
      providers: ALL,
      shell: 'fish',
      language: 'python',
      token: undefined,
    } as const;
    const [settings, command] = recipe('claude-code', connection);
    const asking = {
      env: { ANTHROPIC_BASE_URL: `${at}/anthropic` },
      apiKeyHelper: 'tracevault proxy token',
    };
    expect(JSON.parse(settings!.text)).toEqual(asking);
    expect(command!.text).toBe(`claude --settings '${JSON.stringify(asking)}'`);
    expect([settings!.isIncomplete, command!.isIncomplete]).toEqual([false, false]);
  });

  it('of Codex names OpenAI’s base URL and the variable for the token', () => {
    const { 'config.toml': config } = blocks('codex');
    expect(config).toContain(`base_url = "${at}/openai/v1"`);
    expect(config).toContain('env_key = "TRACEVAULT_TOKEN"');
    expect(config).not.toContain('tvp_');
  });

  it('of opencode has each provider by the name that it knows, and an operator’s own with its package', () => {
    const { 'opencode.json': config = '' } = blocks('opencode');
    const { provider } = JSON.parse(config) as { provider: Record<string, { options: { baseURL: string } }> };
    expect(Object.entries(provider).map(([name, { options }]) => [name, options.baseURL])).toEqual([
      ['anthropic', `${at}/anthropic/v1`],
      ['openai', `${at}/openai/v1`],
      ['google', `${at}/gemini/v1beta`],
      ['openrouter', `${at}/openrouter/v1`],
      ['bedrock-eu', `${at}/bedrock-eu/v1`],
    ]);
    expect(provider['bedrock-eu']).toMatchObject({ npm: '@ai-sdk/anthropic', name: 'bedrock-eu' });
  });

  it.each<[Client, string, RegExp]>([
    ['cursor', 'anthropic', /^Anthropic API Key: tvp_1\nBase URL: .*\/anthropic$/],
    ['cursor', 'openai', /^OpenAI API Key: tvp_1\nOverride OpenAI Base URL: .*\/openai\/v1$/],
    ['cline', 'anthropic', /^API Provider: Anthropic\n.*\nUse custom base URL: .*\/anthropic$/],
    ['cline', 'openrouter', /^API Provider: OpenAI Compatible\nBase URL: .*\/openrouter\/v1\n/],
    ['cline', 'gemini', /^API Provider: Google Gemini\nGemini API Key: tvp_1\n/],
  ])('of %s for %s has values for its settings', (client, id, text) => {
    expect(blocks(client, { id }).Values).toMatch(text);
  });

  it.each<[string, string]>([
    ['anthropic', `"${at}/anthropic/v1/models" -H "x-api-key: tvp_1" -H "anthropic-version: 2023-06-01"`],
    ['openai', `"${at}/openai/v1/models" -H "Authorization: Bearer tvp_1"`],
    ['gemini', `"${at}/gemini/v1beta/models" -H "x-goog-api-key: tvp_1"`],
  ])('of curl asks %s for its models', (id, rest) => {
    expect(blocks('curl', { id }).Command).toBe(`curl -sS ${rest}`);
  });

  it('of each SDK creates it from the environment', () => {
    expect(blocks('sdks', { id: 'gemini' }).Code).toContain('genai.Client()');
    expect(blocks('sdks', { id: 'bedrock-eu' }).Code).toContain('Anthropic()');
  });

  it('has a gap where there is no token yet, in each block that needs one', () => {
    const [code, lines] = recipe('opencode', {
      provider: ALL[0]!,
      providers: ALL,
      shell: 'bash',
      language: 'python',
      token: undefined,
    });
    expect([code?.isIncomplete, lines?.isIncomplete]).toEqual([false, true]);
    expect(lines?.text).toContain('TRACEVAULT_TOKEN=tvp_…');
  });
});
