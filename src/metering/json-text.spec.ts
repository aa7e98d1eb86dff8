import { textLength, textLengths } from './json-text';

/** JSON as the readers get it: the bytes of UTF-8 as Latin-1 characters. */
const bytesOf = (json: string): string => Buffer.from(json).toString('latin1');

describe('the length of a text in JSON', () => {
  it.each([
    ['', 0],
    ['moon', 4],
    ['é€😀', 3],
    ['a\n"b"\\', 6],
    ['\u0007\u001f', 2],
    ['x'.repeat(100_000), 100_000],
    ['€😀\n"'.repeat(10_000), 40_000],
    [`${'x'.repeat(8_191)}€${'x'.repeat(8_191)}`, 16_383],
  ])('counts characters and not bytes or escapes (%#)', (text, length) => {
    expect(textLength(bytesOf(JSON.stringify({ text, more: 'text' })), '"text"')).toBe(length);
  });

  it('counts what is there of a text that was cut, within an escape as well', () => {
    expect(
      ['{"text":"ab', '{"text":"ab\\', '{"text":"ab\\u00'].map((json) => textLength(json, '"text"')),
    ).toEqual([2, 3, 3]);
  });

  it('adds up the texts of all members with the name, and of no other value', () => {
    expect(textLengths('{"a":{"text":"ab"},"type":"text","b":[{"text":"c"},{"text":5}]}', '"text"')).toBe(3);
  });
});
