import fc from 'fast-check';
import { JsonScanner, Kept, ReadDocument } from './json-scanner';

const KEPT: Kept = { usage: true, model: true, message: { id: true, usage: true }, list: { reason: true } };

const latin1 = (text: string): string => Buffer.from(text).toString('latin1');

function scan(text: string, size = 7, kept = KEPT): ReadDocument {
  const scanner = new JsonScanner(kept);
  const bytes = latin1(text);
  for (let at = 0; at < bytes.length; at += size) scanner.feed(bytes.slice(at, at + size));
  return scanner.finish();
}

/** What is to be kept of a parsed value: the definition that the scanner is held to. */
function prune(value: unknown, kept: Kept): unknown {
  if (Array.isArray(value))
    return value.filter((one) => typeof one === 'object' && one !== null).map((one) => prune(one, kept));
  const members = Object.entries(value as object).flatMap(([name, member]): [string, unknown][] => {
    const wanted = Object.hasOwn(kept, name) ? kept[name] : undefined;
    if (wanted === true) return [[name, member]];
    const isContainer = typeof member === 'object' && member !== null;
    return wanted === undefined || !isContainer ? [] : [[name, prune(member, wanted)]];
  });
  return Object.fromEntries(members);
}

describe('the scan of a JSON document', () => {
  it.each([
    ['case 28: before large content', { usage: { a: 1 }, content: 'x'.repeat(1e5) }],
    ['case 28: behind large content', { content: ['x'.repeat(1e5), 1, null], usage: { a: 1 } }],
    ['case 28: between', { content: '"usage":{"a":2}', usage: { a: 1 }, more: { usage: { a: 3 } } }],
    ['case 28: in a text that ends in backslashes', { content: 'usage\\\\"', usage: { a: '\\"' } }],
    ['at two levels', { message: { id: 'ü€😀', usage: { a: [1, { b: 2 }] }, other: {} }, model: 'm' }],
    ['in arrays', [{ list: [{ reason: 'x', z: 1 }, 5, { y: [] }] }, { usage: 1 }]],
    ['of an empty object', {}],
  ])('finds what is kept, %s', (_, document) => {
    for (const size of [1, 2, 3, 64, 1e6])
      expect(scan(JSON.stringify(document, null, size % 2), size)).toEqual({
        value: prune(document, KEPT),
        isWhole: true,
      });
  });

  it('case 28: takes the last of duplicate keys, also of one that is written with escapes', () => {
    expect(scan('{"usage":1,"x":2,"usage":3}').value).toEqual({ usage: 3 });
    expect(scan('{"usage":1,"\\u0075sage":{"a":2}}').value).toEqual({ usage: { a: 2 } });
  });

  it('case 28: passes deep nesting, and gives up a document that opens ever more of what is kept', () => {
    const deep = '[{"a":'.repeat(1e5);
    expect(scan(`{"usage":1,"content":${deep}1${'}]'.repeat(1e5)},"model":"m"}`, 1000)).toEqual({
      value: { usage: 1, model: 'm' },
      isWhole: true,
    });
    expect(scan('['.repeat(1e6), 1000).isWhole).toBe(false);
  });

  it('gives up a document with more members than any has that is read', () => {
    expect(scan(`{"usage":1${',"":1'.repeat(99_999)}}`, 1000)).toEqual({
      value: { usage: 1 },
      isWhole: true,
    });
    expect(scan(`{"usage":1${',"":1'.repeat(100_000)}}`, 1000)).toEqual({
      value: { usage: 1 },
      isWhole: false,
    });
  });

  it('takes nothing for a member that an object inherits', () => {
    expect(scan('{"__proto__":{"usage":1},"toString":2,"usage":3}').value).toEqual({ usage: 3 });
  });

  it('keeps no more than a bounded number of bytes', () => {
    expect(scan(`{"model":"m","usage":"${'x'.repeat(2e6)}"}`, 5e4)).toEqual({
      value: { model: 'm' },
      isWhole: false,
    });
  });

  it('returns of a document that is cut the members that are complete', () => {
    const text = '{"model":"m","message":{"id":"i","usage":{"a":12}},"usage":123}';
    expect(scan(text.slice(0, -2))).toEqual({
      value: { model: 'm', message: { id: 'i', usage: { a: 12 } } },
      isWhole: false,
    });
    expect(scan(text.slice(0, text.indexOf(',"usage":{')))).toEqual({
      value: { model: 'm', message: { id: 'i' } },
      isWhole: false,
    });
  });

  it.each([
    '',
    ' ',
    'no',
    '12',
    '"text"',
    '{"usage" 1}',
    '{,}',
    '{"usage":}',
    '{"usage":1]',
    '{"usage":1} x',
  ])('says that %j is no whole document', (text) => expect(scan(text, 1).isWhole).toBe(false));

  const names = fc.constantFrom('usage', 'model', 'message', 'id', 'list', 'reason', 'other', 'ü"\\');
  const { value: json } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<unknown>(null, true, 0, -1.5e-7),
      fc.string({ unit: 'binary' }),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(names, tie('value'), { maxKeys: 5 }),
    ),
  }));
  const container = json.filter((value) => typeof value === 'object' && value !== null);

  it('keeps the same of any document in pieces of any size', () => {
    fc.assert(
      fc.property(container, fc.integer({ min: 1, max: 9 }), fc.nat(2), (document, size, indent) => {
        const parsed: unknown = JSON.parse(JSON.stringify(document));
        expect(scan(JSON.stringify(document, null, indent), size)).toEqual({
          value: prune(parsed, KEPT),
          isWhole: true,
        });
      }),
      { numRuns: 500 },
    );
  });

  it('never throws, and takes no part of a document for the whole', () => {
    fc.assert(
      fc.property(container, fc.nat(), (document, at) => {
        const text = JSON.stringify(document);
        expect(scan(text.slice(0, at % text.length)).isWhole).toBe(false);
      }),
    );
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void scan(text, 3)));
  });
});
