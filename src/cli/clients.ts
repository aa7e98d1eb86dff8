import { CliError } from './cli-error';
import { DEFAULT_PROVIDER } from './known-providers';
import { isProviderId } from './server-providers';
import { sanitized } from './terminal';

/** The clients that `proxy info` has a recipe for. */
export const CLIENTS = ['claude-code', 'codex', 'gemini', 'opencode', 'cursor', 'cline', 'sdk'] as const;
export type Client = (typeof CLIENTS)[number];

interface ClientFacts {
  readonly title: string;
  /** The provider of its calls when none is named. */
  readonly provider: string;
  /** The built-in providers whose API the client speaks. */
  readonly speaks: readonly string[];
}

const EVERY = ['anthropic', 'openai', 'gemini', 'openrouter'];

export const CLIENT_FACTS: Readonly<Record<Client, ClientFacts>> = {
  'claude-code': {
    title: 'Claude Code, GSD, the Anthropic SDKs',
    provider: DEFAULT_PROVIDER,
    speaks: ['anthropic', 'openrouter'],
  },
  codex: { title: 'Codex', provider: 'openai', speaks: ['openai', 'openrouter'] },
  gemini: { title: 'Gemini CLI', provider: 'gemini', speaks: ['gemini'] },
  opencode: { title: 'opencode', provider: DEFAULT_PROVIDER, speaks: EVERY },
  cursor: { title: 'Cursor', provider: DEFAULT_PROVIDER, speaks: ['anthropic', 'openai', 'openrouter'] },
  cline: { title: 'Cline', provider: DEFAULT_PROVIDER, speaks: EVERY },
  sdk: { title: 'In code', provider: DEFAULT_PROVIDER, speaks: EVERY },
};

/** Returns the client that was typed. @throws CliError (usage) for an unknown one. */
export function clientNamed(typed: string): Client {
  const found = CLIENTS.find((client) => client === typed.toLowerCase());
  if (found !== undefined) return found;
  throw new CliError(`There are recipes for ${CLIENTS.join(', ')}.`, undefined, 2);
}

/** Returns the provider that was typed, whether or not the server has it. @throws CliError (usage) for what is no id. */
export function providerTyped(typed: string): string {
  if (isProviderId(typed)) return typed;
  throw new CliError('--provider takes the id of a provider, such as openai.', undefined, 2);
}

/** Whether a client speaks a provider's API; true of an operator's own provider, whose API only the server knows. */
export function speaks(client: Client, provider: string): boolean {
  return !EVERY.includes(provider) || CLIENT_FACTS[client].speaks.includes(provider);
}

/** @throws CliError (usage) when the client does not speak the provider's API. */
export function assertSpeaks(client: Client, provider: string): void {
  if (speaks(client, provider)) return;
  const { title, speaks: spoken } = CLIENT_FACTS[client];
  throw new CliError(
    `${title} can't speak the API of ${sanitized(provider)}.`,
    `It takes --provider ${spoken.join(', ')} or one of the server's own.`,
    2,
  );
}
