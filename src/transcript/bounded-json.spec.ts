import { BoundedJson, textOf } from './bounded-json';

describe('JSON with a bounded number of values', () => {
  it.each<[string, number, unknown]>([
    ['{"a":[1,2]}', 3, { a: [1, 2] }],
    ['{"a":[1,2,3]}', 3, undefined],
    ['"[,{,[,{"', 0, '[,{,[,{'],
    ['["\\"[,{,[",1]', 2, ['"[,{,[', 1]],
    ['["\\\\",1,1]', 2, undefined],
    ['no', 3, undefined],
    ['{"a":1', 3, undefined],
    ['', 3, undefined],
  ])('%s with at most %i', (text, max, expected) =>
    expect(new BoundedJson(max).parse(text)).toEqual(expected),
  );

  it('counts the values of all documents', () => {
    const json = new BoundedJson(3);
    expect([json.parse('[1]'), json.parse('[1,2]'), json.isExceeded]).toEqual([[1], [1, 2], false]);
    expect([json.parse('[1]'), json.parse('1'), json.isExceeded]).toEqual([undefined, undefined, true]);
  });
});

describe('the text of a body', () => {
  it.each<[string, Buffer, string]>([
    ['without its byte order mark', Buffer.from('\ufeffa'), 'a'],
    ['with a mark for a character that was cut', Buffer.from('aü').subarray(0, 2), 'a\ufffd'],
  ])('is there %s', (_, body, expected) => expect(textOf(body)).toBe(expected));
});
