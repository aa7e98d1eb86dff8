import { Client, CLIENT_FACTS } from './clients';
import { KNOWN_PROVIDERS, KnownProvider } from './known-providers';
import { Recipe } from './recipe';
import { sdkSteps } from './sdk-recipes';
import { setToken, setVariable, TOKEN_COMMAND, TOKEN_VARIABLE } from './shell-lines';
import { Shell } from './shells';

/** What a recipe is about. */
interface Target {
  /** The server's URL. */
  readonly server: string;
  /** The id of the provider; undefined for the client's own one, or for all of them in code. */
  readonly provider: string | undefined;
  readonly shell: Shell;
}

/** The values that a recipe is filled in with. */
interface Filled extends KnownProvider {
  readonly id: string;
  /** The provider's path on the server, without what clients add to it. */
  readonly prefix: string;
  readonly shell: Shell;
}

const RECIPES: Readonly<Record<Exclude<Client, 'sdk'>, (filled: Filled) => Omit<Recipe, 'title'>>> = {
  'claude-code': claudeCode,
  codex,
  gemini,
  opencode,
  cursor,
  cline,
};

/** Returns the recipe of a client. */
export function recipeOf(client: Client, { server, provider, shell }: Target): Recipe {
  const { title, provider: usual } = CLIENT_FACTS[client];
  if (client === 'sdk')
    return { title, base_url: `${server}/proxy`, steps: sdkSteps(server, provider, shell) };
  return { title, ...RECIPES[client](filledIn(server, provider ?? usual, shell)) };
}

/** Returns the settings file of Claude Code, which then asks for the token itself. */
export function claudeCodeSettings(baseUrl: string): object {
  return { env: { ANTHROPIC_BASE_URL: baseUrl }, apiKeyHelper: TOKEN_COMMAND };
}

/** Returns the lines by which a shell sets the two variables that Anthropic's clients read. */
export function anthropicLines(shell: Shell, baseUrl: string, token = 'ANTHROPIC_API_KEY'): string[] {
  return [setVariable(shell, 'ANTHROPIC_BASE_URL', baseUrl), setToken(shell, token)];
}

function filledIn(server: string, id: string, shell: Shell): Filled {
  const known = KNOWN_PROVIDERS.get(id);
  // The API of an operator's own provider is not known here; most speak OpenAI's.
  const own = {
    label: id,
    dialect: 'openai',
    keysPage: '',
    path: '/v1',
    aiSdkPath: '/v1',
    opencode: id,
    client: 'opencode',
  } as const;
  return { ...(known ?? own), id, prefix: `${server}/proxy/${id}`, shell };
}

function claudeCode({ id, prefix, shell }: Filled): Omit<Recipe, 'title'> {
  // As a bearer token it is taken whatever API the provider speaks.
  const token = id === 'anthropic' ? 'ANTHROPIC_API_KEY' : 'ANTHROPIC_AUTH_TOKEN';
  return {
    base_url: prefix,
    steps: [
      {
        text: 'Set two variables, in this terminal or in your shell profile:',
        code: anthropicLines(shell, prefix, token),
      },
      { text: 'Start the agent in the same terminal, for example: claude' },
      {
        text: 'Or without variables: merge this into ~/.claude/settings.json. Claude Code then asks for the token itself, also after a new login:',
        code: linesOf(claudeCodeSettings(prefix)),
      },
    ],
  };
}

function codex({ prefix, shell }: Filled): Omit<Recipe, 'title'> {
  const baseUrl = `${prefix}/v1`;
  return {
    base_url: baseUrl,
    steps: [
      {
        text: 'Put this into ~/.codex/config.toml, the first line above all tables. Codex then asks for the token itself:',
        code: [
          'model_provider = "tracevault"',
          '',
          '[model_providers.tracevault]',
          'name = "TraceVault"',
          `base_url = "${baseUrl}"`,
          'wire_api = "responses"',
          '',
          '[model_providers.tracevault.auth]',
          'command = "tracevault"',
          'args = ["proxy", "token"]',
        ],
      },
      { text: 'Start it: codex' },
      {
        text: 'A Codex that does not know the table "auth", or can\'t start the command: in its place put env_key into [model_providers.tracevault], and set the variable.',
        code: [`env_key = "${TOKEN_VARIABLE}"`, setToken(shell)],
      },
      {
        text: "Or keep Codex's own provider, with openai_base_url at the top of that file (OPENAI_BASE_URL in earlier versions) and a copy of the token:",
        code: [`openai_base_url = "${baseUrl}"`, `${TOKEN_COMMAND} | codex login --with-api-key`],
      },
    ],
  };
}

function gemini({ prefix, shell }: Filled): Omit<Recipe, 'title'> {
  return {
    base_url: prefix,
    steps: [
      {
        text: 'Set two variables, in this terminal or in your shell profile:',
        code: [setVariable(shell, 'GOOGLE_GEMINI_BASE_URL', prefix), setToken(shell, 'GEMINI_API_KEY')],
      },
      {
        text: 'Start it in the same terminal: gemini. Where it asks how to sign in, choose the Gemini API key.',
      },
    ],
  };
}

function opencode({ prefix, aiSdkPath, opencode: name, id, shell }: Filled): Omit<Recipe, 'title'> {
  const baseURL = prefix + aiSdkPath;
  const options = { baseURL, apiKey: `{env:${TOKEN_VARIABLE}}` };
  const provider = KNOWN_PROVIDERS.has(id)
    ? { options }
    : { npm: '@ai-sdk/openai-compatible', options, models: { 'NAME-OF-A-MODEL': {} } };
  return {
    base_url: baseURL,
    steps: [
      {
        text: 'Merge this into opencode.json, of the project or in ~/.config/opencode:',
        code: linesOf({ $schema: 'https://opencode.ai/config.json', provider: { [name]: provider } }),
      },
      {
        text: 'Set the variable that it names, and start it in the same terminal: opencode',
        code: [setToken(shell)],
      },
    ],
  };
}

function cursor({ prefix, path, id }: Filled): Omit<Recipe, 'title'> {
  const baseUrl = prefix + path;
  const vendor = id === 'anthropic' ? 'Anthropic' : 'OpenAI';
  return {
    base_url: baseUrl,
    steps: [
      { text: `Settings > Models > ${vendor} API key: paste what this prints:`, code: [TOKEN_COMMAND] },
      {
        text: `Override the ${vendor} base URL, where your version has that field. A Cursor that sends requests from its own servers needs a TraceVault that those can reach.`,
        code: [baseUrl],
      },
    ],
  };
}

/** Cline's names for the providers that have a base URL of their own there; any other is "OpenAI Compatible". */
const CLINE_PROVIDERS: ReadonlyMap<string, string> = new Map([
  ['anthropic', 'Anthropic'],
  ['gemini', 'Google Gemini'],
]);

function cline({ prefix, path, id }: Filled): Omit<Recipe, 'title'> {
  const baseUrl = prefix + path;
  const own = CLINE_PROVIDERS.get(id);
  return {
    base_url: baseUrl,
    steps: [
      { text: `Settings > API Provider: ${own ?? 'OpenAI Compatible'}` },
      { text: own === undefined ? 'Base URL:' : 'Use custom base URL:', code: [baseUrl] },
      { text: 'API Key: paste what this prints:', code: [TOKEN_COMMAND] },
      { text: "Model: one of the provider's." },
    ],
  };
}

function linesOf(value: object): string[] {
  return JSON.stringify(value, null, 2).split('\n');
}
