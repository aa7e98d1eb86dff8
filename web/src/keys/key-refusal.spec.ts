import type { ErrorCode } from '../api/api-error';
import { keyRefusal } from './key-refusal';

const PROVIDERS = [
  { id: 'anthropic', label: 'Anthropic', key_prefix: 'sk-ant-' },
  { id: 'openai', label: 'OpenAI', key_prefix: 'sk-' },
  { id: 'openrouter', label: 'OpenRouter', key_prefix: 'sk-or-' },
  { id: 'bedrock', label: 'Bedrock EU', key_prefix: null },
] as const;
const [ANTHROPIC, OPENAI] = PROVIDERS;

describe('a typed key that is refused', () => {
  const messageOf = (code: ErrorCode, key: string, kind: (typeof PROVIDERS)[number]): string | undefined => {
    const refusal = { status: 400, errors: [{ field: 'key', code, message: 'key must be something' }] };
    return keyRefusal(refusal, key, kind, PROVIDERS).errors[0]?.message;
  };

  it.each<[ErrorCode, string, (typeof PROVIDERS)[number], string]>([
    ['required', '', OPENAI, 'Enter your key for OpenAI.'],
    ['invalid_key', 'abc', ANTHROPIC, 'Keys for Anthropic begin with sk-ant-.'],
    ['invalid_key', 'sk-ant-', ANTHROPIC, 'This is only how keys for Anthropic begin. Paste the whole key.'],
    [
      'other_providers_key',
      'sk-ant-1',
      OPENAI,
      'This looks like a key for Anthropic, which OpenAI does not take.',
    ],
    [
      'other_providers_key',
      ' sk-or-1',
      OPENAI,
      'This looks like a key for OpenRouter, which OpenAI does not take.',
    ],
    [
      'other_providers_key',
      'AIza1', // of a provider that is switched off
      OPENAI,
      'This looks like the key of another provider, which OpenAI does not take.',
    ],
    ['too_long', 'sk-1', OPENAI, 'This is too long to be a key for OpenAI.'],
  ])('%s: %s', (code, key, kind, words) => {
    expect(messageOf(code, key, kind)).toBe(words);
  });

  it.each<ErrorCode>(['invalid_characters', 'admin_key', 'subscription_token'])(
    '%s has words of its own, without the name of a field',
    (code) => {
      expect(messageOf(code, 'sk-ant-1', ANTHROPIC)).not.toMatch(/^key /);
    },
  );

  it('keeps the server’s words for anything else', () => {
    const errors = [{ code: 'rate_limited' as const, message: 'Too many attempts.' }];
    expect(keyRefusal({ status: 429, errors }, 'sk-ant-1', ANTHROPIC, PROVIDERS).errors).toEqual(errors);
    expect(messageOf('key_refused', 'sk-ant-1', ANTHROPIC)).toBe('key must be something');
  });
});
