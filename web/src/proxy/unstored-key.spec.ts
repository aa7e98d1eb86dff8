import { unstoredIn } from './unstored-key';

const messages = ['Anthropic said no. Nothing was stored.', 'Send it again with force=true.'];

describe('a key that was not stored', () => {
  it.each([
    [422, { isRefused: true, message: messages[0] }],
    [502, { isRefused: false, message: messages[0] }],
    [504, { isRefused: false, message: messages[0] }],
    [400, undefined],
    [401, undefined],
    [429, undefined],
    [500, undefined],
    [0, undefined],
  ])('after %d', (status, unstored) => {
    expect(unstoredIn({ status, messages })).toEqual(unstored);
  });
});
