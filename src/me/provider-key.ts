import { fieldRule, ValueError } from '../api/field-rule';
import { ANTHROPIC } from '../providers/anthropic';
import { Provider } from '../providers/provider';

const CODES = [
  'required',
  'invalid_type',
  'invalid_key',
  'too_long',
  'invalid_characters',
  'admin_key',
  'subscription_token',
] as const;
type Code = (typeof CODES)[number];

/** Returns the error of a key, in a message that contains no part of it; undefined for a valid key. */
export function keyError(value: unknown, { name, key }: Provider): ValueError<Code> | undefined {
  const begins = key.prefix === '' ? '' : `, a text that begins with ${key.prefix}`;
  const none = `key must be your ${name} API key${begins}`;
  if (typeof value !== 'string')
    return { code: value === undefined || value === null ? 'required' : 'invalid_type', message: none };
  if (value === '') return { code: 'required', message: none };
  if (!value.startsWith(key.prefix))
    return { code: 'invalid_key', message: `key must begin with ${key.prefix}` };
  if (value.length > key.maxLength)
    return { code: 'too_long', message: `key must have at most ${key.maxLength} characters` };
  if (!/^[\x21-\x7e]+$/.test(value))
    return {
      code: 'invalid_characters',
      message: 'key must be printable ASCII without spaces; was something else pasted with it?',
    };
  if (value === key.prefix) return { code: 'invalid_key', message: `key must go on after ${key.prefix}` };
  const other = key.otherKinds.find(({ prefix }) => value.startsWith(prefix));
  return other === undefined ? undefined : { code: other.code, message: `key is ${other.problem}` };
}

/** Validates that a field has the shape of an Anthropic API key that can send messages. */
export const IsAnthropicKey = (): PropertyDecorator =>
  fieldRule(CODES, (_, value) => keyError(value, ANTHROPIC));

/** Documents the errors of a field with a key of a provider that only the handler knows, which validates it. */
export const IsProviderKey = (): PropertyDecorator =>
  fieldRule([...CODES, 'other_providers_key'], () => undefined);
