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
  const counted = (text: string, isAscii = false): readonly number[] => [
    repeated.skip(text, 0, isAscii),
    written.characters,
  ];

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
    expect(one.skip('data: {"text":"moon"}\n\n', 0, true)).toBe(0);
  });

  it('is given up if it is large without its text', () => {
    const large = (text: string, more: string): string => `data: {"text":"${text}","more":"${more}"}\n\n`;
    const learn = (event: string): boolean => new RepeatedEvent(written).learn(event, dataOf(event));
    expect(learn(large('x'.repeat(100_000), 'x'))).toBe(true);
    expect(learn(large('x', 'x'.repeat(100_000)))).toBe(false);
  });

  it('is given up after many that none repeats, and not if some are', () => {
    const one = new RepeatedEvent(written);
    const learn = (index: number, isRepeated: boolean): boolean => {
      const event = `data: {"index":${index},"text":"moon"}\n\n`;
      const goesOn = one.learn(event, dataOf(event));
      if (isRepeated) one.skip(event, 0, true);
      return goesOn;
    };
    const indexes = Array.from({ length: 100 }, (_, index) => index);
    expect(indexes.map((index) => learn(index, index % 10 === 0))).not.toContain(false);
    expect(indexes.map((index) => learn(index, false))).toContain(false);
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
];
const text = fc.array(fc.constantFrom(...TEXTS), { maxLength: 4 }).map((parts) => parts.join(''));
const MESSAGE_EVENTS: readonly ((text: string, spaces: string) => string)[] = [
  (of, spaces) =>
    `event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"${of}"}${spaces}}\n\n`,
  (of) => `event: content_block_delta\ndata: {"index":1,"delta":{"partial_json":"${of}"}}\n\n`,
  (of) => `data: {"type":"content_block_delta","delta":{"text":"","thinking":"${of}"}}\n\n`,
  (of) => `event: content_block_delta\ndata: {"delta":{"text":"${of}"},"more":["${of}"]}\n\n`,
  (of) => `event: content_block_start\ndata: {"content_block":{"type":"text","text":"${of}"}}\n\n`,
  () => 'event: ping\ndata: {"type": "ping"}\n\n',
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

/** Reads a stream in pieces. @returns what its reader was told, and counted. */
function told(reader: UsageReader, stream: string, sizes: readonly number[]): unknown {
  const documents: JsonObject[] = [];
  const seen: UsageReader = {
    kept: reader.kept,
    ...(reader.written && { written: reader.written }),
    wants: (type, data) => reader.wants(type, data),
    event(value) {
      documents.push(value);
      reader.event(value);
    },
    body: (value, isWhole) => reader.body(value, isWhole),
    usages: (facts) => reader.usages(facts),
  };
  const body = responseBody('events', seen);
  const bytes = Buffer.from(stream);
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length]!;
    body.feed(bytes.subarray(at, at + size));
    at += size;
  }
  body.end();
  const usages = reader.usages({ requestedModel: 'm', reportsCost: false, batchId: undefined });
  return { documents, usages, isDamaged: body.isDamaged };
}

/** The same reader, whose events are all parsed. */
const parsing = (reader: UsageReader): UsageReader => ({
  kept: reader.kept,
  wants: (type, data) => reader.wants(type, data),
  event: (value) => reader.event(value),
  body: (value, isWhole) => reader.body(value, isWhole),
  usages: (facts) => reader.usages(facts),
});

describe('a stream whose repeated events are not parsed', () => {
  it.each([
    ['messages', MESSAGE_EVENTS],
    ['chat_completions', CHAT_EVENTS],
  ] as const)('is read as if they were: %s', (format, events) => {
    const sizes = fc.array(fc.integer({ min: 1, max: 2_000 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(streamOf(events), sizes, (stream, cuts) => {
        const create = USAGE_READERS[format];
        expect(told(create(), stream, cuts)).toEqual(told(parsing(create()), stream, cuts));
      }),
      { numRuns: 400 },
    );
  });

  it.each([
    ['that begins where another one has begun', CHAT_EVENT, 'da', CHAT_EVENT],
    ['whose beginning has come before', 'da', CHAT_EVENT.slice(2), CHAT_EVENT.slice(2), CHAT_EVENT],
    ['that ends where another one has begun', `${CHAT_EVENT}da`, CHAT_EVENT.slice(2), CHAT_EVENT.slice(2)],
  ])('is read as if they were with an event %s', (_, ...pieces) => {
    const stream = CHAT_EVENT + pieces.join('');
    const sizes = [CHAT_EVENT, ...pieces].map(({ length }) => length);
    const create = USAGE_READERS.chat_completions;
    expect(told(create(), stream, sizes)).toEqual(told(parsing(create()), stream, sizes));
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
