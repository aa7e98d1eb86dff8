import { keyNote, PersonalKeys, removalQuestion } from './whose-key';

type Status = Parameters<typeof keyNote>[0];

describe('what is said of the key that calls take', () => {
  it.each<[Status, string | undefined]>([
    [{ configured: true, in_use: 'own', reason: null }, undefined],
    [{ configured: false, in_use: 'organization', reason: null }, undefined],
    [{ configured: false, in_use: null, reason: 'no_key' }, undefined],
    [
      { configured: true, in_use: 'organization', reason: null },
      'Your own key is not taken: the organization’s is.',
    ],
    [
      { configured: true, in_use: null, reason: 'no_organization_key' },
      'Your own key is not taken, and the organization shares none yet.',
    ],
    [
      { configured: false, in_use: null, reason: 'no_organization_key' },
      'The organization shares none yet. Ask one of its owners or admins.',
    ],
    [
      { configured: true, in_use: null, reason: 'provider_disabled' },
      'This provider is switched off on the server. Its key is not taken; you can remove it.',
    ],
    [
      { configured: false, in_use: null, reason: 'own_key_required' },
      'Agents are refused until you store a key of your own.',
    ],
  ])('%j', (status, words) => {
    expect(keyNote(status)).toBe(words);
  });

  it.each<[PersonalKeys, RegExp]>([
    ['allowed', /Members without a key of their own for OpenAI are refused/],
    ['required', /Nobody’s calls take it/],
    ['forbidden', /All members are refused/],
  ])('the removal of a shared key names who is affected: %s', (policy, words) => {
    expect(removalQuestion('OpenAI', 'Acme', policy)).toMatch(words);
  });
});
