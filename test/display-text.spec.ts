import { sanitized } from '../src/cli/terminal';
import { displayable, isDisplayable } from '../src/logging/display-text';
import { shown } from '../web/src/api/shown';

/** Three programs show what people typed, and none knows the code of another: here they are held to one rule. */
const HIDDEN: [string, string][] = [
  ['a null byte', '\u0000'],
  ['a line feed', '\n'],
  ['escape, which commands a terminal', '\u001b'],
  ['delete', '\u007f'],
  ['a control of the second set (CSI)', '\u009b'],
  ['a soft hyphen', '\u00ad'],
  ['a zero-width space', '\u200b'],
  ['a zero-width joiner', '\u200d'],
  ['a mark of direction', '\u200e'],
  ['a line separator', '\u2028'],
  ['a paragraph separator', '\u2029'],
  ['an override of direction', '\u202e'],
  ['an isolate of direction', '\u2066'],
  ['a byte order mark', '\ufeff'],
  ['a tag', '\u{e0041}'],
  ['a private character', '\ue000'],
  ['an unassigned one', '\u0378'],
  ['a noncharacter', '\uffff'],
  ['half a surrogate pair', '\ud800'],
];
const SEEN = [
  'ada',
  'Ada Lovelace',
  'Zoë',
  '日本語',
  'עברית',
  'हिन्दी',
  '👩 ❤\ufe0f',
  'a\u00a0b',
  'a\u3000b',
  '¿?!',
];

describe('text that people see', () => {
  it.each(HIDDEN)('does not hold %s, and is shown with a ? where it does', (_, character) => {
    const text = `a${character}b`;
    expect(isDisplayable(text)).toBe(false);
    expect([displayable(text), sanitized(text), shown(text)]).toEqual(['a?b', 'a?b', 'a?b']);
  });

  it.each(SEEN)('is shown as it is typed: %s', (text) => {
    expect(isDisplayable(text)).toBe(true);
    expect([displayable(text), sanitized(text), shown(text)]).toEqual([text, text, text]);
  });

  it('is the same to all three for every character', () => {
    const differing: string[] = [];
    for (let code = 0; code <= 0x10ffff; code++) {
      const text = String.fromCodePoint(code);
      const results = new Set([
        displayable(text),
        sanitized(text),
        shown(text),
        isDisplayable(text) ? text : '?',
      ]);
      if (results.size !== 1) differing.push(code.toString(16));
    }
    expect(differing).toEqual([]);
  });

  it('is cleaned on a page wherever it stands in an answer', () => {
    const answer = {
      list: [{ email: 'a\u200b@b.example', at: null, count: 1, is: true }],
      'a\u200b': '\u001b',
    };
    expect(shown(answer)).toEqual({
      list: [{ email: 'a?@b.example', at: null, count: 1, is: true }],
      'a\u200b': '?',
    });
  });
});
