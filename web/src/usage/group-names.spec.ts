import { groupName, type GroupBy } from './group-names';

const NAMES = {
  tokens: [{ id: '11111111-1', name: 'build server' }],
  people: [
    { user_id: '22222222-2', name: 'Ada', email: 'ada@example.com' },
    { user_id: '33333333-3', name: null, email: 'bob@example.com' },
  ],
};

describe('the name of a group', () => {
  it.each<[GroupBy, string | null, string]>([
    ['model', 'claude-opus-4-8', 'claude-opus-4-8'],
    ['model', null, 'No model'],
    ['person', '22222222-2', 'Ada'],
    ['person', '33333333-3', 'bob@example.com'],
    ['person', '44444444-4', 'No longer a member (44444444)'],
    ['token', '11111111-1', 'build server'],
    ['token', '55555555-5', 'Other token (55555555)'],
    ['token', null, 'Sign-in session'],
    ['client', 'curl/8.5.0', 'curl/8.5.0'],
    ['client', null, 'Unnamed client'],
    ['session', 'abc', 'abc'],
    ['session', null, 'No session'],
  ])('of the %s %s is “%s”', (by, key, name) => {
    expect(groupName(NAMES, by, key)).toBe(name);
  });
});
