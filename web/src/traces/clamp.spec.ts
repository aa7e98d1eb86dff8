import { clamp } from './clamp';

describe('the beginning of a text', () => {
  it.each([
    ['is all of it where there is room', 'short', 10, 2, 'short'],
    ['is all of it where there is just enough', '12345\n789', 9, 2, '12345\n789'],
    ['ends after so many characters', '1234567890', 4, 2, '1234'],
    ['ends after so many lines', 'a\nb\nc\nd', 100, 2, 'a\nb'],
    ['ends at whichever comes first', 'abcdef\nb\nc', 4, 2, 'abcd'],
    ['does not end within a character', 'ab😀cd', 3, 2, 'ab'],
    ['takes a last character of two halves whole', 'ab😀cd', 4, 2, 'ab😀'],
    ['is empty of an empty text', '', 4, 2, ''],
    ['leaves out the line end at the end', 'a\nb\n', 100, 2, 'a\nb'],
  ])('%s', (_, text, characters, lines, beginning) => {
    expect(clamp(text, { characters, lines })).toBe(beginning);
  });
});
