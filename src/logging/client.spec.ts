import { clientOf } from './client';

describe('what a client calls itself', () => {
  it.each([
    ['as it is', 'claude-cli/2.1.330 (external, cli)', 'claude-cli/2.1.330 (external, cli)'],
    ['without controls', 'a\u0000b\u009b31mc\td', 'a?b?31mc?d'],
    ['cut', 'x'.repeat(300), 'x'.repeat(256)],
    ['nothing, when it is empty', '', null],
    ['nothing, when it is not said', undefined, null],
  ])('is kept %s', (_, said, kept) => {
    expect(clientOf({ 'user-agent': said })).toBe(kept);
  });
});
