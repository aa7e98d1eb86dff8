import { credentialsUpTo } from '../config/credential-shapes';
import { displayable } from '../logging/display-text';

/** The maximum length of a provider's message that is passed on, in characters. */
const MAX_WORDS = 300;

/** Matches anything else that looks like a credential, also a partial one where a text was truncated. */
const CREDENTIAL = credentialsUpTo(`\\s'"“”`);

/**
 * Extracts a provider's error message, sanitized so that it can be shown to the key's owner.
 * @param body the body of the provider's response, in its error envelope or not.
 * @param key the key to redact wherever it occurs; anything else that looks like a credential is redacted too.
 * @returns undefined when the body contains no message.
 */
export function providerWords(body: string, key: string): string | undefined {
  const message = messageOf(body);
  if (message === undefined) return undefined;
  const told = displayable(message.replaceAll(key, '[key]').replace(CREDENTIAL, '[key]'));
  const words = told.replace(/\s+/g, ' ').trim();
  if (words === '') return undefined;
  const characters = [...words];
  return characters.length > MAX_WORDS ? `${characters.slice(0, MAX_WORDS).join('')}…` : words;
}

function messageOf(body: string): string | undefined {
  let envelope: unknown;
  try {
    envelope = JSON.parse(body);
  } catch {
    return undefined;
  }
  const error = fieldOf(envelope, 'error');
  const message = typeof error === 'string' ? error : fieldOf(error, 'message');
  return typeof message === 'string' ? message : undefined;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
