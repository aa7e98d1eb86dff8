import { defaultTokenName } from './default-token-name';

describe('the name that a token has by default', () => {
  it.each([
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36',
      'Agents (created in Chrome on macOS)',
    ],
    [
      'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
      'Agents (created in Firefox on Linux)',
    ],
    ['Mozilla/5.0 Firefox/140.0', 'Agents (created in Firefox)'],
    ['Something nobody knows', 'Agents on my machine'],
  ])('of %s is %s', (userAgent, name) => {
    expect(defaultTokenName(userAgent)).toBe(name);
  });
});
