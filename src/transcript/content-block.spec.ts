import { shown } from '../../test/support/shown-content';
import { MAX_TEXT, mediaBlock, otherBlock, textBlock, toolResultBlock, toolUseBlock } from './content-block';

const tool = { name: 'Read', tool_use_id: 't1' };

describe('a block', () => {
  it('has all fields', () =>
    expect(textBlock('a')).toEqual({
      type: 'text',
      text: 'a',
      name: null,
      tool_use_id: null,
      input: null,
      is_error: false,
      media_type: null,
      data: null,
      cut_from: null,
    }));

  it('is cut where its text is too long, and never between the halves of a character', () => {
    const whole = 'x'.repeat(MAX_TEXT);
    expect(textBlock(whole)).toMatchObject({ text: whole, cut_from: null });
    expect(textBlock(`${whole}y`)).toMatchObject({ text: whole, cut_from: MAX_TEXT + 1 });
    const start = 'x'.repeat(MAX_TEXT - 1);
    expect(textBlock(`${start}😀`)).toMatchObject({ text: start, cut_from: MAX_TEXT + 1 });
    expect(textBlock(`${start}\ud83dy`)).toMatchObject({ text: `${start}\ud83d` });
    expect(otherBlock(whole)).toMatchObject({ text: `"${start}`, cut_from: MAX_TEXT + 2 });
    expect(toolResultBlock({ ...tool, is_error: true }, `${whole}y`).cut_from).toBe(MAX_TEXT + 1);
  });

  it.each<[string, unknown, string | undefined]>([
    ['a value', { a: 1 }, '{\n  "a": 1\n}'],
    ['its JSON', '{"a":1}', '{\n  "a": 1\n}'],
    ['JSON that broke off', '{"a":1', '{"a":1'],
    ['a text', '*** Begin Patch', '*** Begin Patch'],
    ['an empty text', '', ''],
    ['none', undefined, undefined],
    ['nothing', null, 'null'],
    ['JSON of too many values', `[${'0,'.repeat(60_000)}0]`, `[${'0,'.repeat(60_000)}0]`],
  ])('has the input of a tool: %s', (_, input, expected) =>
    expect(shown(toolUseBlock(tool, input))).toEqual({
      type: 'tool_use',
      ...tool,
      ...(expected === undefined ? {} : { input: expected }),
    }),
  );

  const large = 'A'.repeat(5 * 1024 * 1024);
  it.each<[string, string, string, object]>([
    ['an image', 'image/png', 'iVBO+/==', { type: 'image', data: 'iVBO+/==' }],
    ['a large one', 'image/webp', large, { type: 'image', data: large }],
    ['one that is too large', 'image/webp', `${large}A`, { type: 'image' }],
    ['one that can hold scripts', 'image/svg+xml', 'AAAA', { type: 'image' }],
    ['one whose data are no base64', 'image/png', 'AA"><script>', { type: 'image' }],
    ['one whose type is written otherwise', 'image/PNG;x', 'AAAA', { type: 'image' }],
    ['a document', 'application/pdf', 'AAAA', { type: 'document' }],
    ['a page', 'text/html', 'AAAA', { type: 'document' }],
  ])('is the medium that it says: %s', (_, media_type, data, expected) =>
    expect(shown(mediaBlock(media_type, data))).toEqual({ media_type, ...expected }),
  );
});
