import fc from 'fast-check';
import { indentedJson, jsonPieces } from './json-writer';

const written = (value: unknown, spaces: number, without?: string) =>
  [...jsonPieces(value, { spaces, without })].join('');
const nested = (depth: number): unknown => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);

describe('the writer of JSON', () => {
  it('writes every value as JSON.stringify does', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, spaces) => {
        const parsed: unknown = JSON.parse(JSON.stringify(value));
        expect(written(parsed, spaces)).toBe(JSON.stringify(parsed, null, spaces));
      }),
    );
  });

  it.each<[string, string]>([
    ['lone surrogates', '{"a":"\\ud83d","\\udc00":1}'],
    ['members that objects inherit', '{"__proto__":{"a":1},"constructor":2,"toJSON":3}'],
    ['empty ones', '[[],{},"",null]'],
  ])('writes %s as they were', (_, text) => expect(written(JSON.parse(text), 0)).toBe(text));

  it('leaves members of one name out, at any depth', () => {
    const value = { a: 1, x: 2, list: [{ x: { y: 1 } }, { b: { x: null, c: 'x' } }] };
    expect(written(value, 0, 'x')).toBe('{"a":1,"list":[{},{"b":{"c":"x"}}]}');
  });

  it('writes what is nested a hundred thousand times', () =>
    expect(written(nested(100_000), 0)).toHaveLength(200_000));
});

describe('JSON for people', () => {
  it('has two spaces a level', () =>
    expect(indentedJson({ a: [1, 'b'], c: {} }, 100).text).toBe(
      '{\n  "a": [\n    1,\n    "b"\n  ],\n  "c": {}\n}',
    ));

  it('stays compact where it is nested so deep that the spaces would be most of it', () =>
    expect(indentedJson(nested(10_000), 1e5)).toEqual({
      text: `${'['.repeat(10_000)}${']'.repeat(10_000)}`,
      length: 20_000,
    }));

  it('is kept up to a length and counted to its end', () => {
    const { text, length } = indentedJson(['x'.repeat(50), 'y'.repeat(50), 'z'], 60);
    expect(length).toBe(JSON.stringify(['x'.repeat(50), 'y'.repeat(50), 'z'], null, 2).length);
    expect(text.length).toBeGreaterThan(60);
    expect(text).not.toContain('z');
  });
});
