/** What the command knows without a server about the providers that every server has, by their ids. */

/** The provider that a command is about when none is named. */
export const DEFAULT_PROVIDER = 'anthropic';

export interface KnownProvider {
  readonly label: string;
  readonly dialect: 'anthropic' | 'openai' | 'gemini';
  /** The page where people create an API key. */
  readonly keysPage: string;
  /** The path at the end of the base URL of the provider's own SDKs: `/v1` or nothing. */
  readonly path: string;
  /** The path at the end of the base URL of Vercel's AI SDK and of clients that are built on it. */
  readonly aiSdkPath: string;
  /** The id of the provider in opencode. */
  readonly opencode: string;
  /** The client whose recipe `proxy info` shows first. */
  readonly client: 'claude-code' | 'codex' | 'gemini' | 'opencode';
}

export const KNOWN_PROVIDERS: ReadonlyMap<string, KnownProvider> = new Map<string, KnownProvider>([
  [
    'anthropic',
    {
      label: 'Anthropic',
      dialect: 'anthropic',
      keysPage: 'https://console.anthropic.com/settings/keys',
      path: '',
      aiSdkPath: '/v1',
      opencode: 'anthropic',
      client: 'claude-code',
    },
  ],
  [
    'openai',
    {
      label: 'OpenAI',
      dialect: 'openai',
      keysPage: 'https://platform.openai.com/api-keys',
      path: '/v1',
      aiSdkPath: '/v1',
      opencode: 'openai',
      client: 'codex',
    },
  ],
  [
    'gemini',
    {
      label: 'Gemini',
      dialect: 'gemini',
      keysPage: 'https://aistudio.google.com/apikey',
      path: '',
      aiSdkPath: '/v1beta',
      opencode: 'google',
      client: 'gemini',
    },
  ],
  [
    'openrouter',
    {
      label: 'OpenRouter',
      dialect: 'openai',
      keysPage: 'https://openrouter.ai/settings/keys',
      path: '/v1',
      aiSdkPath: '/v1',
      opencode: 'openrouter',
      client: 'opencode',
    },
  ],
]);

/** Returns the ` --provider` option for a command line; empty for the provider that needs none. */
export function providerOption(id: string): string {
  return id === DEFAULT_PROVIDER ? '' : ` --provider ${id}`;
}
