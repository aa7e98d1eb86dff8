/** The page of each known provider on which people create API keys. */
const KEY_PAGES: Readonly<Record<string, readonly [name: string, url: string]>> = {
  anthropic: ['the Anthropic console', 'https://console.anthropic.com/settings/keys'],
  openai: ['the OpenAI platform', 'https://platform.openai.com/api-keys'],
  gemini: ['Google AI Studio', 'https://aistudio.google.com/apikey'],
  openrouter: ['the OpenRouter settings', 'https://openrouter.ai/settings/keys'],
};

/** Returns the name and the URL of the page on which people create a key; undefined for an operator's own provider. */
export function keyPage(provider: string): readonly [name: string, url: string] | undefined {
  return Object.hasOwn(KEY_PAGES, provider) ? KEY_PAGES[provider] : undefined;
}
