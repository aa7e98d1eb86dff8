import fc from 'fast-check';
import { RepeatedEvent } from './repeated-event';
import { responseBody } from './response-body';
import { JsonObject } from './json';
import { MessagesReader } from './messages-reader';
import { UsageReader } from './usage-reader';
import { USAGE_READERS } from './usage-readers';
import { WrittenText } from './written-text';

const HEAD = 'event: content_block_delta\ndata: {"index":0,"delta":{"text":"';
const TAIL = '"}}\n\n';
const dataOf = (event: string): string => event.slice(event.indexOf('{'), -2);

describe('an event that repeats but for its text', () => {
  const written = new WrittenText(['"text"']);
  const repeated = new RepeatedEvent(written);
  beforeEach(() => {
    const event = `${HEAD}first${TAIL}`;
    repeated.learn(event, dataOf(event));
    written.characters = 0;
  });
  const counted = (text: string): readonly number[] => {
    repeated.begin(/^[\x00-\x7f]*$/.test(text));
    return [repeated.pass(text, 0), written.characters];
  };

  it.each([
    ['plain', 'moon', 4],
    ['with escapes', '\\n\\"moon\\"\\\\', 8],
    ['with an escaped character', '\\u00fcber', 4],
    ['of more bytes than characters', Buffer.from('für 5 €').toString('latin1'), 7],
  ])('is passed, and a text counted that is %s', (_, text, characters) => {
    const event = HEAD + text + TAIL;
    expect(counted(event.repeat(3))).toEqual([3 * event.length, 3 * characters]);
  });

  it('is passed with any number of spaces before its last brace, as Anthropic writes it', () => {
    const text = [0, 1, 15].map((spaces) => `${HEAD}moon"}${' '.repeat(spaces)}}\n\n`).join('');
    expect(counted(text)).toEqual([text.length, 12]);
  });

  it('may be one whose first one had such spaces', () => {
    const event = `${HEAD}first"}   }\n\n`;
    repeated.learn(event, dataOf(event));
    expect(counted(HEAD + 'moon' + TAIL)).toEqual([HEAD.length + 4 + TAIL.length, 4]);
  });

  it.each([
    ['of another block', HEAD.replace('0', '1') + 'moon' + TAIL],
    ['of another type', HEAD.replace('_delta', '_start') + 'moon' + TAIL],
    ['with another member behind the text', `${HEAD}moon"},"text":"more"}\n\n`],
    ['without a text, whose data may have another one', HEAD + TAIL],
    ['with a field behind its data', `${HEAD}moon"}}\nid: 1\n\n`],
    ['with a text that a line ends', `${HEAD}moon\n\nevent: x\ndata: y${TAIL}`],
    ['that is cut', HEAD + 'moon'],
    ['that is cut behind the text', `${HEAD}moon"}`],
    ['that is cut before its empty line', `${HEAD}moon"}}\n`],
  ])('is none %s', (_, event) => {
    expect(counted(event)).toEqual([0, 0]);
    expect(counted(`${HEAD}moon${TAIL}${event}`)).toEqual([HEAD.length + 4 + TAIL.length, 4]);
  });

  it('is not learned if its data has several lines, or something stands behind it', () => {
    const one = new RepeatedEvent(written);
    one.learn('data: {"text":\ndata: "moon"}\n\n', '{"text":\n"moon"}');
    one.learn('data: {"text":"moon"}\n: a comment\n\n', '{"text":"moon"}');
    one.learn('data: {"text":"moon"} \n\n', '{"text":"moon"} ');
    one.learn('data: {"text":"moon"}\nid: {"text":"moon"}\n\n', '{"text":"moon"}');
    expect(one.pass('data: {"text":"moon"}\n\n', 0)).toBe(0);
  });

  it('is not learned if it is large without its text', () => {
    const isLearned = (text: string, more: string): boolean => {
      const event = `data: {"text":"${text}","more":"${more}"}\n\n`;
      const one = new RepeatedEvent(written);
      one.learn(event, dataOf(event));
      return one.pass(event, 0) > 0;
    };
    expect(isLearned('x'.repeat(100_000), 'x')).toBe(true);
    expect(isLearned('x', 'x'.repeat(100_000))).toBe(false);
  });

  it.each([
    [0, false],
    [1, false],
    [4, true],
  ])('is given up if too few repeat, and not before: each %s times', (times, goesOn) => {
    const one = new RepeatedEvent(written);
    const isToBeLearned = Array.from({ length: 100 }, (_, index) => {
      const event = `data: {"index":${index},"text":"moon"}\n\n`;
      const answer = one.learn(event, dataOf(event));
      one.pass(event.repeat(times), 0);
      return answer;
    });
    expect(isToBeLearned[10]).toBe(true);
    expect(isToBeLearned.every(Boolean)).toBe(goesOn);
  });
});

/** Pieces of streams, proper ones and others. */
const TEXTS = [
  'moon',
  '\\n',
  '\\"',
  '\\\\',
  '\\u00fc',
  'ü€',
  '😀',
  ' ',
  '"',
  '\\',
  '\n',
  '\n\n',
  '\r\n',
  '}',
  'text',
  'usage',
  '\u00ff',
];
const text = fc.array(fc.constantFrom(...TEXTS), { maxLength: 4 }).map((parts) => parts.join(''));
/** An event with a line behind its data, which says the same. */
const event = (data: string, field: string): string =>
  `event: content_block_delta\ndata: ${data}\n${field}${data}\n\n`;
const MESSAGE_EVENTS: readonly ((text: string, spaces: string) => string)[] = [
  (of, spaces) =>
    `event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"${of}"}${spaces}}\n\n`,
  (of) => `event: content_block_delta\ndata: {"index":1,"delta":{"partial_json":"${of}"}}\n\n`,
  (of) => `data: {"type":"content_block_delta","delta":{"text":"","thinking":"${of}"}}\n\n`,
  (of) => `event: content_block_delta\ndata: {"delta":{"text":"${of}"},"more":["${of}"]}\n\n`,
  (of) => `event: content_block_start\ndata: {"content_block":{"type":"text","text":"${of}"}}\n\n`,
  () => 'event: ping\ndata: {"type": "ping"}\n\n',
  (of) => event(`{"delta":{"text":"${of}"}}`, ': '),
  (of) => event(`{"delta":{"text":"${of}"}}`, 'event: '),
  (of) => event(`{"delta":{"text":"a"}}`, `id: {"delta":{"text":"${of}"}}\nmore`),
  (of) => event(`{"delta":{"partial_json":"${of}":"more"}}`, ':'),
  () => ': a comment\n\n',
  (of) => of,
  (of) => `event: message_delta\ndata: {"type":"message_delta","usage":{"output_tokens":${of.length}}}\n\n`,
  () => 'event: message_start\ndata: {"type":"message_start","message":{"model":"m","usage":{}}}\n\n',
];
const CHAT_EVENTS: readonly ((text: string, spaces: string) => string)[] = [
  (of, spaces) =>
    `data: {"id":"x","choices":[{"delta":{"content":"${of}"},"finish_reason":null}]${spaces}}\n\n`,
  (of) => `data: {"id":"x","choices":[{"delta":{"content":"${of}"}}],"obfuscation":"${of}"}\n\n`,
  (of) => `data: {"choices":[{"delta":{"content":"${of}","reasoning":"${of}"}}]}\n\n`,
  (of) => `data: {"choices":[],"usage":{"completion_tokens":${of.length}}}\n\n`,
  (of) => `data: {"choices":[{"delta":{"content":"${of}"},"finish_reason":"stop"}]}\n\n`,
  (of) => `data: {"content":"a"}\nevent: {"content":"${of}"}\n\n`,
  (of) => `data: {"content":"${of}":{"finish_reason":"x"}}\n\n`,
  (of) => `data:{"content":"${of}"\t}\n\n`,
  (of) => `id: ${of}\ndata: {"content":\ndata:"${of}"}\n\n`,
  () => 'data: [DONE]\n\n',
  (of) => of,
];
const CHAT_EVENT = 'data: {"choices":[{"delta":{"content":"the moon is far"}}]}\n\n';
const streamOf = (events: typeof MESSAGE_EVENTS): fc.Arbitrary<string> =>
  fc
    .array(
      fc
        .tuple(fc.constantFrom(...events), fc.array(text, { minLength: 1, maxLength: 4 }), fc.nat(3))
        .map(([event, texts, spaces]) => texts.map((of, n) => event(of, ' '.repeat(spaces * n))).join('')),
      { maxLength: 12 },
    )
    .map((parts) => parts.join(''));

/** Reads a stream in pieces, without parsing repeated events or with it. @returns what its reader was told, and counted. */
function told(
  format: 'messages' | 'chat_completions',
  stream: Buffer,
  { sizes, areParsed }: { readonly sizes: readonly number[]; readonly areParsed: boolean },
): unknown {
  const reader = USAGE_READERS[format]();
  const documents: JsonObject[] = [];
  const seen: UsageReader = {
    kept: reader.kept,
    ...(reader.written && !areParsed && { written: reader.written }),
    wants: (type, data) => reader.wants(type, data),
    event(value) {
      documents.push(value);
      reader.event(value);
    },
    body: (value, isWhole) => reader.body(value, isWhole),
    usages: (facts) => reader.usages(facts),
  };
  const body = responseBody('events', seen);
  for (let at = 0, turn = 0; at < stream.length; turn++) {
    const size = sizes[turn % sizes.length]!;
    body.feed(stream.subarray(at, at + size));
    at += size;
  }
  body.end();
  const usages = reader.usages({ requestedModel: 'm', reportsCost: false, batchId: undefined });
  return { documents, usages, characters: reader.written?.characters, isDamaged: body.isDamaged };
}

describe('a stream whose repeated events are not parsed', () => {
  it.each([
    ['messages', MESSAGE_EVENTS],
    ['chat_completions', CHAT_EVENTS],
  ] as const)('is read as if they were: %s', (format, events) => {
    const cuts = fc.array(fc.integer({ min: 1, max: 2_000 }), { minLength: 1, maxLength: 4 });
    const encoding = fc.constantFrom<BufferEncoding[]>('utf8', 'utf8', 'latin1'); // which is no UTF-8
    const dressing = fc.tuple(fc.constantFrom('\n', '\n', '\r\n', '\r'), fc.constantFrom('', '', '\ufeff'));
    fc.assert(
      fc.property(streamOf(events), cuts, encoding, dressing, (plain, sizes, coding, [end, mark]) => {
        const stream = Buffer.from(mark + plain.replaceAll('\n', end), coding);
        expect(told(format, stream, { sizes, areParsed: false })).toEqual(
          told(format, stream, { sizes, areParsed: true }),
        );
      }),
      { numRuns: 400 },
    );
  });

  it.each([
    [
      'whose comment is its data',
      'data: {"content":"a"}\n: {"content":"a"}\n\n',
      '\n: {"content":"a',
      '\n: {"content":"bbbb',
    ],
    [
      'whose name is its data',
      'data: {"content":"a"}\nevent: {"content":"a"}\n\n',
      'event: {"content":"a',
      'event: {"content":"bbbb',
    ],
    ['whose text is a name, in bad JSON', 'data: {"content":"moon":{"x":1}}\n\n', 'moon', 'usage'],
    ['whose text ends as a name does, in bad JSON', 'data: {"content":"moon":{}}\n\n', 'moon', 'a\\"usage'],
  ])('is read as if they were with an event %s', (_, first, part, other) => {
    const stream = Buffer.from(CHAT_EVENT + first + first.replace(part, other));
    const read = (areParsed: boolean): unknown =>
      told('chat_completions', stream, { sizes: [stream.length], areParsed });
    expect(read(false)).toEqual(read(true));
  });

  it.each([
    ['that begins where another one has begun', CHAT_EVENT, 'da', CHAT_EVENT],
    ['whose beginning has come before', 'da', CHAT_EVENT.slice(2), CHAT_EVENT.slice(2), CHAT_EVENT],
    ['that ends where another one has begun', `${CHAT_EVENT}da`, CHAT_EVENT.slice(2), CHAT_EVENT.slice(2)],
  ])('is read as if they were with an event %s', (_, ...pieces) => {
    const stream = Buffer.from(CHAT_EVENT + pieces.join(''));
    const sizes = [CHAT_EVENT, ...pieces].map(({ length }) => length);
    const read = (areParsed: boolean): unknown => told('chat_completions', stream, { sizes, areParsed });
    expect(read(false)).toEqual(read(true));
  });

  it('is read no further once an event was too large', () => {
    const large = `data: ${'x'.repeat(33 * 1024 * 1024)}`;
    const pieces = [CHAT_EVENT.repeat(2), large, `\n\n${CHAT_EVENT.repeat(3)}`];
    const sizes = pieces.map(({ length }) => length);
    const read = (areParsed: boolean): unknown =>
      told('chat_completions', Buffer.from(pieces.join('')), { sizes, areParsed });
    expect(read(false)).toEqual(read(true));
  });

  it('asks its reader once where a thousand events repeat', () => {
    const reader = new MessagesReader();
    const wants = jest.spyOn(reader, 'wants');
    const body = responseBody('events', reader);
    for (let turn = 0; turn < 10; turn++) body.feed(Buffer.from(`${HEAD}moon${TAIL}`.repeat(100)));
    expect(wants).toHaveBeenCalledTimes(1);
    expect(reader.written.characters).toBe(4_000);
  });
});
