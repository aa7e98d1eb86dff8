import { patternOf, placesIn } from './find';

const found = (words: string, text: string, maximum = 10) =>
  placesIn(text, patternOf(words)!, maximum).map(({ start, end }) => text.slice(start, end));

describe('what is found in a text', () => {
  it.each([
    ['test', 'A Test, and a TEST', ['Test', 'TEST']],
    ['a.c', 'abc a.c', ['a.c']],
    ['(x|y)[0]{1}^$*+?\\/', 'if (x|y)[0]{1}^$*+?\\/', ['(x|y)[0]{1}^$*+?\\/']],
    ['aa', 'aaaa', ['aa', 'aa']],
    ['straße', 'STRAßE', ['STRAßE']],
    ['İ', 'İstanbul', ['İ']],
    ['😀', 'a 😀 b', ['😀']],
    ['-', 'a-b', ['-']],
    ['x', '', []],
  ])('for %j in %j is %j', (words, text, places) => {
    expect(found(words, text)).toEqual(places);
  });

  it('is not more than was asked for', () => {
    expect(found('a', 'aaaa', 3)).toEqual(['a', 'a', 'a']);
    expect(found('a', 'aaaa', 0)).toEqual([]);
  });

  it('is nothing without words', () => {
    expect(patternOf('')).toBeUndefined();
  });
});
