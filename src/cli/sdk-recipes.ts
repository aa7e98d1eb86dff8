import { KNOWN_PROVIDERS } from './known-providers';
import { Step } from './recipe';
import { setToken, TOKEN_VARIABLE } from './shell-lines';
import { Shell } from './shells';

const TYPESCRIPT_TOKEN = `process.env.${TOKEN_VARIABLE}`;
const PYTHON_TOKEN = `os.environ["${TOKEN_VARIABLE}"]`;

/** Lines for a provider's own SDKs, in TypeScript and in Python, by its base URL. */
const SNIPPETS: Readonly<Record<'anthropic' | 'openai' | 'gemini', (baseUrl: string) => string[]>> = {
  anthropic: (baseUrl) => [
    `new Anthropic({ baseURL: '${baseUrl}', apiKey: ${TYPESCRIPT_TOKEN} })`,
    `anthropic.Anthropic(base_url="${baseUrl}", api_key=${PYTHON_TOKEN})`,
  ],
  openai: (baseUrl) => [
    `new OpenAI({ baseURL: '${baseUrl}', apiKey: ${TYPESCRIPT_TOKEN} })`,
    `openai.OpenAI(base_url="${baseUrl}", api_key=${PYTHON_TOKEN})`,
  ],
  gemini: (baseUrl) => [
    `new GoogleGenAI({ httpOptions: { baseUrl: '${baseUrl}' }, apiKey: ${TYPESCRIPT_TOKEN} })`,
    `genai.Client(http_options={"base_url": "${baseUrl}"}, api_key=${PYTHON_TOKEN})`,
  ],
};

/**
 * Returns the steps for programs.
 * @param provider the id of a provider; undefined for all built-in ones.
 */
export function sdkSteps(server: string, provider: string | undefined, shell: Shell): Step[] {
  const ids = provider === undefined ? [...KNOWN_PROVIDERS.keys()] : [provider];
  return [
    { text: 'Set a variable, in the terminal that starts the program:', code: [setToken(shell)] },
    ...ids.map((id) => ofProvider(server, id)),
  ];
}

function ofProvider(server: string, id: string): Step {
  const prefix = `${server}/proxy/${id}`;
  const known = KNOWN_PROVIDERS.get(id);
  if (known === undefined)
    return {
      text: `${id}, with the SDK of the API that it speaks:`,
      code: [...SNIPPETS.openai(`${prefix}/v1`), ...SNIPPETS.anthropic(prefix)],
    };
  const snippet = id === 'anthropic' || id === 'gemini' ? SNIPPETS[id] : SNIPPETS.openai;
  return {
    text: `${known.label}, in TypeScript and in Python; LangChain takes the same base URL:`,
    code: [...snippet(prefix + known.path), `Vercel AI SDK: baseURL ${prefix}${known.aiSdkPath}`],
  };
}
