import { canonicalJson, Json } from './canonical-json';

const CASES: readonly [string, Json, string][] = [
  ['null', null, 'null'],
  ['a number', 1e21, '1e+21'],
  ['a text with quotes, a line break and letters of any kind', 'a"\n\u20ac😀', '"a\\"\\n\u20ac😀"'],
  ['a list, in its order', [3, 'a', [], {}], '[3,"a",[],{}]'],
  [
    'keys in the order of their code units',
    { b: 1, a: 2, B: 3, '10': 4, '9': 5 },
    '{"10":4,"9":5,"B":3,"a":2,"b":1}',
  ],
  [
    'objects in objects',
    { z: { y: true, x: [{ b: false, a: null }] } },
    '{"z":{"x":[{"a":null,"b":false}],"y":true}}',
  ],
  ['keys with quotes', { '"': 1 }, '{"\\"":1}'],
];

describe('canonical JSON', () => {
  it.each(CASES)('writes %s in one form', (_, value, text) => {
    expect(canonicalJson(value)).toBe(text);
    expect(JSON.parse(text)).toEqual(value);
  });
});
