import { DIALECTS } from '../providers/dialects';
import { GEMINI } from '../providers/gemini';
import { OPENAI } from '../providers/openai';
import { keyError } from './provider-key';

const OWN = DIALECTS.anthropic({
  id: 'bedrock-eu',
  name: 'Bedrock EU',
  origin: 'https://bedrock.invalid',
  key: { called: 'a key for Bedrock EU', prefix: '', otherKinds: [] },
});

describe('a key that is stored for a provider', () => {
  it.each([
    [undefined, OWN, 'required'],
    ['', OWN, 'required'],
    [5, OWN, 'invalid_type'],
    ['with space', OWN, 'invalid_characters'],
    ['anything-goes', OWN, undefined],
    ['x'.repeat(257), OWN, 'too_long'],
    ['AIza', GEMINI, 'invalid_key'],
    ['sk-', GEMINI, 'invalid_key'],
    ['sk-admin-x', OPENAI, 'admin_key'],
  ])('%s is refused with %3$s', (key, wanted, code) => {
    expect(keyError(key, wanted)?.code).toBe(code);
  });
});
