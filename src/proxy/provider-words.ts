import { credentialsUpTo } from '../config/credential-shapes';
import { displayable } from '../logging/display-text';

/** Characters of a provider's message that are passed on. */
const MAX_WORDS = 300;

/** Whatever else looks like a credential; half of one can be left where a text was cut. */
const CREDENTIAL = credentialsUpTo(`\\s'"“”`);

/**
 * Reads what a provider says of an error, fit to be shown to the person whose key it is about.
 * @param body of the provider's answer, in its envelope or in none.
 * @param key is cut out wherever it stands, and so is what looks like a key.
 * @returns undefined when there are no words in it.
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
