import { isFresh, openAtFirst } from './key-list';

type Key = Parameters<typeof openAtFirst>[0][number];

const key = (given: Partial<Key>): Key => ({
  provider: 'anthropic',
  label: 'Anthropic',
  configured: false,
  configured_at: null,
  fingerprint: null,
  last_use: null,
  in_use: null,
  reason: 'no_key',
  ...given,
});

describe('the list of keys', () => {
  it.each<[string, Key[], string | null]>([
    ['without any key opens the first form', [key({}), key({ provider: 'openai' })], 'anthropic'],
    ['with a key opens none', [key({}), key({ provider: 'openai', configured: true, in_use: 'own' })], null],
    ['with a shared key opens none', [key({}), key({ provider: 'openai', in_use: 'organization' })], null],
    ['whose keys would not be taken opens none', [key({ reason: 'no_organization_key' })], null],
    ['that is empty opens none', [], null],
  ])('%s', (_, keys, open) => {
    expect(openAtFirst(keys)).toBe(open);
  });

  const stored = '2026-11-23T09:30:00.000Z';
  const use = { at: stored, client: null, status: 200, outcome: 'completed' } as const;
  it.each<[Partial<Key>, number, boolean]>([
    [{}, 0, false],
    [{ configured_at: stored }, 0, true],
    [{ configured_at: stored }, 29, true],
    [{ configured_at: stored }, 30, false],
    [{ configured_at: stored, last_use: use }, 0, false],
  ])('%j after %s minutes awaits a first request: %s', (given, minutes, fresh) => {
    expect(isFresh(key(given), Date.parse(stored) + minutes * 60_000)).toBe(fresh);
  });
});
