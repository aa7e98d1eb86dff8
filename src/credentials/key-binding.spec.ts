import { bindingOf, currentBinding } from './key-binding';
import { DecryptionError } from './encryption.service';

const USER = { userId: 'u1', orgId: null };
const ORG = { userId: null, orgId: 'u1' };

describe('the binding of a stored key', () => {
  it('is another one for each kind of owner, owner and provider', () => {
    const places = [
      { ...USER, provider: 'openai' },
      { ...USER, provider: 'gemini' },
      { ...USER, userId: 'u2', provider: 'openai' },
      { ...ORG, provider: 'openai' },
    ];
    const bindings = places.map((place) => currentBinding(place).owner);
    expect(new Set(bindings).size).toBe(places.length);
    expect(bindings[0]).toBe('user:u1:openai');
    expect(bindings[3]).toBe('organization:u1:openai');
  });

  it('is the first format’s for a user’s Anthropic key alone', () => {
    const first = { ...USER, provider: 'anthropic', format: 1 };
    expect(bindingOf(first)).toEqual({ purpose: 'anthropic-key', owner: 'u1' });
    for (const row of [
      { ...first, provider: 'openai' },
      { ...first, ...ORG },
      { ...first, format: 3 },
    ])
      expect(() => bindingOf(row)).toThrow(DecryptionError);
  });
});
