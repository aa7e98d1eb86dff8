import type { components } from '../api/schema';

/** A provider as GET /api/v1/providers lists it. */
export type Provider = components['schemas']['ProviderDto'];

/** The clients for which there are recipes. */
export const CLIENTS = [
  'claude-code',
  'codex',
  'gemini-cli',
  'opencode',
  'cursor',
  'cline',
  'gsd',
  'sdks',
  'curl',
] as const;
export type Client = (typeof CLIENTS)[number];

export const CLIENT_NAMES: Record<Client, string> = {
  'claude-code': 'Claude Code',
  codex: 'Codex',
  'gemini-cli': 'Gemini CLI',
  opencode: 'opencode',
  cursor: 'Cursor',
  cline: 'Cline',
  gsd: 'GSD',
  sdks: 'SDKs',
  curl: 'curl',
};

/** The APIs that each client speaks. */
const SPEAKS: Record<Client, readonly Provider['dialect'][]> = {
  'claude-code': ['anthropic'],
  codex: ['openai'],
  'gemini-cli': ['gemini'],
  opencode: ['anthropic', 'openai', 'gemini'],
  cursor: ['anthropic', 'openai'],
  cline: ['anthropic', 'openai', 'gemini'],
  gsd: ['anthropic'],
  sdks: ['anthropic', 'openai', 'gemini'],
  curl: ['anthropic', 'openai', 'gemini'],
};

/** Returns the providers that a client can use, in the server's order. */
export function providersOf(client: Client, providers: readonly Provider[]): Provider[] {
  return providers.filter(({ dialect }) => SPEAKS[client].includes(dialect));
}

/** Whether a client's recipe is about one provider, which the user chooses; otherwise it is about all of them. */
export function takesOneProvider(client: Client): boolean {
  return client !== 'opencode';
}
