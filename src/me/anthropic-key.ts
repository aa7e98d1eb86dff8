import { ValidateBy } from 'class-validator';

export const LONGEST_KEY = 256;

const MAKE_ONE = 'Make an API key at https://console.anthropic.com/settings/keys';

/** What begins as a key does and is none that messages can be sent with; no answer of the provider's could change that. */
const OTHER_KEYS: readonly (readonly [prefix: string, fault: string])[] = [
  [
    'sk-ant-admin',
    `key is an admin key, which manages an organization and can send no messages. ${MAKE_ONE}, and keep the admin key out of here.`,
  ],
  [
    'sk-ant-oat',
    `key is the token of a Claude subscription, which Anthropic takes from its own apps alone. ${MAKE_ONE}.`,
  ],
];

/** @returns what is wrong with it, without a word of it; undefined when nothing is. */
function anthropicKeyFault(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '')
    return 'key must be your Anthropic API key, a text that begins with sk-ant-';
  if (!value.startsWith('sk-ant-')) return 'key must begin with sk-ant-';
  if (value.length > LONGEST_KEY) return `key must have at most ${LONGEST_KEY} characters`;
  if (!/^[\x21-\x7e]+$/.test(value))
    return 'key must be printable ASCII without spaces; was something else pasted with it?';
  if (value === 'sk-ant-') return 'key must go on after sk-ant-';
  return OTHER_KEYS.find(([prefix]) => value.startsWith(prefix))?.[1];
}

/** A text that could be a key of Anthropic's with which messages are sent. */
export const IsAnthropicKey = (): PropertyDecorator =>
  ValidateBy({
    name: 'isAnthropicKey',
    validator: {
      validate: (value) => anthropicKeyFault(value) === undefined,
      defaultMessage: (args) => anthropicKeyFault(args?.value) ?? '',
    },
  });
