import { legible, shown } from './shown';

describe('a text of somebody else', () => {
  it.each([
    ['lines and tabs stay', 'one\n\ttwo', 'one\n\ttwo'],
    ['line ends of Windows are line ends', 'one\r\ntwo', 'one\ntwo'],
    ['a terminal’s colors are to be seen', '\u001b[31mred\u001b[0m', '^[[31mred^[[0m'],
    ['so are other control characters', 'a\u0000b\rc\u007fd\u0085', 'a^@b^Mc^?d<U+0085>'],
    ['direction marks change nothing', 'a\u202eb\u2066c\u200f', 'a<U+202E>b<U+2066>c<U+200F>'],
    ['hidden letters are said', 'a\u{e0041}b\u200bc\ufeff', 'a<U+E0041>b<U+200B>c<U+FEFF>'],
    ['half a character is said', 'a\ud800b', 'a<U+D800>b'],
    ['emoji and scripts that join letters stay whole', '👩‍💻 می‌خواهم ✔️', '👩‍💻 می‌خواهم ✔️'],
  ])('%s', (_, text, words) => {
    expect(legible(text)).toBe(words);
  });

  it('is made readable wherever it is in an answer', () => {
    expect(legible({ list: ['\u0000', { text: '\u202e' }], count: 3, none: null, is: true })).toEqual({
      ...{ list: ['^@', { text: '<U+202E>' }], count: 3, none: null, is: true },
    });
  });

  it('is one line of visible characters where a name is expected', () => {
    expect(shown({ name: 'a\nb\u202ec' })).toEqual({ name: 'a?b?c' });
  });
});
