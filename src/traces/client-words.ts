/** Names under which people know clients, as the pages show them, where the client's `user-agent` does not have them. */
const NAMES: readonly (readonly [RegExp, string])[] = [
  [/^claude-cli\//, 'Claude Code'],
  [/^GeminiCLI\//, 'Gemini CLI'],
  [/^(?:Async)?(?:Anthropic|OpenAI)\/Python /, 'SDK for Python'],
  [/^(?:Async)?(?:Anthropic|OpenAI)\/JS /, 'SDK for JavaScript'],
];

/** Returns what people may call a client when they look for it. */
export function wordsOfClient(client: string | null): string {
  const name = NAMES.find(([pattern]) => pattern.test(client ?? ''))?.[1];
  return [client ?? '', name ?? ''].join(' ');
}
