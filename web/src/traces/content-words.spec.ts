import type { FirstDifference, KeptState } from './content';
import { countOf, differenceInWords, missingInWords, roleInWords } from './content-words';

describe('the words for what is kept of a call', () => {
  it.each<[FirstDifference, string]>([
    [{ part: 'messages', index: 2, name: null }, 'message 3 differs'],
    [{ part: 'messages', index: null, name: null }, 'the messages differ'],
    [{ part: 'tools', index: 4, name: 'Bash' }, 'the tool “Bash” differs'],
    [{ part: 'tools', index: 4, name: null }, 'tool 5 differs'],
    [{ part: 'tools', index: null, name: null }, 'the tools differ'],
    [{ part: 'system', index: 0, name: null }, 'the system prompt differs'],
    [{ part: 'model', index: null, name: null }, 'the model differs'],
  ])('say where the cache ends: %j', (difference, words) => {
    expect(differenceInWords(difference)).toBe(
      `The cache can’t reach beyond here: ${words} from the call before.`,
    );
  });

  it.each<[KeptState, KeptState, string[]]>([
    ['kept', 'kept', []],
    ['not_kept', 'not_kept', ['Nothing of this call is kept.']],
    ['deleted', 'deleted', ['Nothing of this call is left: it was deleted, or was past its retention.']],
    [
      'kept',
      'dropped',
      ['Nothing of this answer is kept: it could not be kept in time. The call itself was not affected.'],
    ],
    [
      'too_large',
      'not_kept',
      [
        'Nothing of this request is kept: it was too large. Its digest is below.',
        'Nothing of this answer is kept.',
      ],
    ],
  ])('say what is missing of a request that is %s and an answer that is %s', (request, response, words) => {
    expect(missingInWords({ request: { state: request }, response: { state: response } })).toEqual(words);
  });

  it.each([
    ['user', 'User'],
    ['assistant', 'Assistant'],
    ['model', 'model'],
    ['constructor', 'constructor'],
  ])('call the role %s %s', (role, words) => {
    expect(roleInWords(role)).toBe(words);
  });

  it.each([
    [1, '1 tool'],
    [0, '0 tools'],
    [1234, '1,234 tools'],
  ])('count %d as %s', (count, words) => {
    expect(countOf(count, 'tool')).toBe(words);
  });
});
