import { ValidateBy } from 'class-validator';
import { ANTHROPIC } from '../providers/anthropic';
import { Provider } from '../providers/provider';

/** @returns what is wrong with it, without a word of it; undefined when nothing is. */
function keyFault(value: unknown, { name, key }: Provider): string | undefined {
  if (typeof value !== 'string' || value === '')
    return `key must be your ${name} API key, a text that begins with ${key.prefix}`;
  if (!value.startsWith(key.prefix)) return `key must begin with ${key.prefix}`;
  if (value.length > key.maxLength) return `key must have at most ${key.maxLength} characters`;
  if (!/^[\x21-\x7e]+$/.test(value))
    return 'key must be printable ASCII without spaces; was something else pasted with it?';
  if (value === key.prefix) return `key must go on after ${key.prefix}`;
  const other = key.otherKinds.find(({ prefix }) => value.startsWith(prefix));
  return other === undefined ? undefined : `key is ${other.fault}`;
}

/** A text that could be a key of Anthropic's with which messages are sent. */
export const IsAnthropicKey = (): PropertyDecorator =>
  ValidateBy({
    name: 'isAnthropicKey',
    validator: {
      validate: (value) => keyFault(value, ANTHROPIC) === undefined,
      defaultMessage: (args) => keyFault(args?.value, ANTHROPIC) ?? '',
    },
  });
