import { keyOfSeal } from './seal-key';

describe('the key of a seal', () => {
  it.each([
    ['{"chain":"c","key":"the-key"}', 'the-key'],
    ['{"chain":"c"}', undefined],
    ['{"key":7}', undefined],
    ['null', undefined],
    ['no JSON', undefined],
  ])('of %j is %j', (text, key) => {
    expect(keyOfSeal(text)).toBe(key);
  });
});
