import type { Client, Provider } from './clients';
import { sdkCode, type Language } from './sdk-code';
import { setVariable, type Shell } from './shells';

/** The placeholder for a token that is not created yet. */
const NO_TOKEN = 'tvp_…';
/** The variable for the token of clients that read its name from their configuration. */
const TOKEN_VARIABLE = 'TRACEVAULT_TOKEN';

/** A text to copy. */
export interface Block {
  /** What it is: the name of a file, or a word such as `Lines`. */
  readonly name: string;
  /** Where it belongs, as the beginning of a sentence. */
  readonly where: string;
  readonly text: string;
  /** Whether the text has a gap, because no token is created yet. */
  readonly isIncomplete: boolean;
}

export interface Connection {
  /** The provider that the user has chosen. */
  readonly provider: Provider;
  /** All providers that the client can use. */
  readonly providers: readonly Provider[];
  readonly shell: Shell;
  readonly language: Language;
  readonly token: string | undefined;
}

/** Returns what to copy to set up a client, the best way first. */
export function recipe(client: Client, connection: Connection): Block[] {
  const { provider, token = NO_TOKEN } = connection;
  switch (client) {
    case 'claude-code':
      return [
        block(
          'settings.json',
          connection.token === undefined
            ? 'In ~/.claude/settings.json, with the tracevault command on this machine'
            : 'In ~/.claude/settings.json',
          json(claudeSettings(provider, connection.token)),
        ),
        ...claudeCommand(connection),
        lines(connection, 'Or in a shell', ['claude']),
      ];
    case 'codex':
      return [
        block('config.toml', 'In ~/.codex/config.toml, above all sections', codexConfig(provider)),
        tokenLine(connection, ['codex']),
      ];
    case 'gemini-cli':
      return [lines(connection, 'In a shell, or without “export” in ~/.gemini/.env', ['gemini'])];
    case 'opencode':
      return [
        block('opencode.json', 'In ~/.config/opencode/opencode.json', opencodeConfig(connection.providers)),
        tokenLine(connection, ['opencode']),
      ];
    case 'cursor':
      return [block('Values', 'In Cursor: Settings, Models', cursorValues(provider, token))];
    case 'cline':
      return [block('Values', 'In Cline: Settings, API Configuration', clineValues(provider, token))];
    case 'gsd':
      return [lines(connection, 'In a shell', ['gsd'])];
    case 'sdks':
      return [
        lines(connection, 'In a shell', []),
        block('Code', 'And in the code', sdkCode(provider.dialect, connection.language)),
      ];
    case 'curl':
      return [
        block(
          'Command',
          'Lists the models, which costs nothing',
          `curl -sS ${curlArguments(provider, token)}`,
        ),
      ];
  }
}

function block(name: string, where: string, text: string): Block {
  return { name, where, text, isIncomplete: text.includes(NO_TOKEN) };
}

/** The two variables of the provider's clients, and a command. */
function lines({ provider, shell, token = NO_TOKEN }: Connection, where: string, command: string[]): Block {
  const variables = [
    setVariable(shell, provider.clients.base_url, provider.base_url),
    setVariable(shell, tokenVariable(provider), token),
  ];
  return block('Lines', where, [...variables, ...command].join('\n'));
}

function tokenLine({ shell, token = NO_TOKEN }: Connection, command: string[]): Block {
  return block('Lines', 'And in a shell', [setVariable(shell, TOKEN_VARIABLE, token), ...command].join('\n'));
}

/** Returns the variable for the token that belongs to the one for the base URL, since the same clients read both. */
function tokenVariable({ clients: { base_url, tokens, bearer } }: Provider): string {
  const family = base_url.replace(/_.*/, '_');
  return tokens.find((name) => name.startsWith(family)) ?? tokens[0] ?? bearer;
}

/** Returns the settings of Claude Code: with the token, or with the command that it asks for the token. */
function claudeSettings({ base_url, clients }: Provider, token: string | undefined): object {
  const address = { [clients.base_url]: base_url };
  return token === undefined
    ? { env: address, apiKeyHelper: 'tracevault proxy token' }
    : { env: { ...address, [clients.bearer]: token } };
}

/** The same settings for one start, without a file. Shells of Windows would take the quotes away. */
function claudeCommand({ provider, shell, token }: Connection): Block[] {
  if (shell === 'powershell') return [];
  const settings = JSON.stringify(claudeSettings(provider, token));
  return [block('Command', 'Or with one command, without a file', `claude --settings '${settings}'`)];
}

function codexConfig({ base_url }: Provider): string {
  return [
    'model_provider = "tracevault"',
    '',
    '[model_providers.tracevault]',
    'name = "TraceVault"',
    `base_url = "${base_url}"`,
    `env_key = "${TOKEN_VARIABLE}"`,
    'wire_api = "responses"',
  ].join('\n');
}

/** The names that opencode has for the providers it knows. */
const OPENCODE_NAMES: Readonly<Record<string, string>> = {
  anthropic: 'anthropic',
  openai: 'openai',
  gemini: 'google',
  openrouter: 'openrouter',
};

const AI_SDK: Record<Provider['dialect'], string> = {
  anthropic: '@ai-sdk/anthropic',
  openai: '@ai-sdk/openai-compatible',
  gemini: '@ai-sdk/google',
};

function opencodeConfig(providers: readonly Provider[]): string {
  const entries = providers.map((provider) => {
    const options = { baseURL: versionedUrl(provider), apiKey: `{env:${TOKEN_VARIABLE}}` };
    const known = OPENCODE_NAMES[provider.id];
    if (known !== undefined) return [known, { options }] as const;
    const models = { 'the-name-of-a-model': {} };
    return [provider.id, { npm: AI_SDK[provider.dialect], name: provider.label, options, models }] as const;
  });
  return json({ $schema: 'https://opencode.ai/config.json', provider: Object.fromEntries(entries) });
}

/** Returns the base URL for clients that expect the version of the API in it. */
export function versionedUrl({ dialect, base_url }: Provider): string {
  switch (dialect) {
    case 'anthropic':
      return `${base_url}/v1`;
    case 'openai':
      return base_url;
    case 'gemini':
      return `${base_url}/v1beta`;
  }
}

function cursorValues({ dialect, base_url }: Provider, token: string): string {
  return dialect === 'openai'
    ? values({ 'OpenAI API Key': token, 'Override OpenAI Base URL': base_url })
    : values({ 'Anthropic API Key': token, 'Base URL': base_url });
}

function clineValues({ dialect, base_url }: Provider, token: string): string {
  switch (dialect) {
    case 'anthropic':
      return values({
        'API Provider': 'Anthropic',
        'Anthropic API Key': token,
        'Use custom base URL': base_url,
      });
    case 'openai':
      return values({
        'API Provider': 'OpenAI Compatible',
        'Base URL': base_url,
        'OpenAI Compatible API Key': token,
      });
    case 'gemini':
      return values({
        'API Provider': 'Google Gemini',
        'Gemini API Key': token,
        'Use custom base URL': base_url,
      });
  }
}

function curlArguments(provider: Provider, token: string): string {
  const url = `"${versionedUrl(provider)}/models"`;
  switch (provider.dialect) {
    case 'anthropic':
      return `${url} -H "x-api-key: ${token}" -H "anthropic-version: 2023-06-01"`;
    case 'openai':
      return `${url} -H "Authorization: Bearer ${token}"`;
    case 'gemini':
      return `${url} -H "x-goog-api-key: ${token}"`;
  }
}

function values(fields: Readonly<Record<string, string>>): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n');
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
