import fc from 'fast-check';
import { UsageFormat } from '../providers/metered-endpoint';
import { MAX_TEXT } from './content-block';
import { newIn } from './new-content';
import { readAnswer } from './read-answer';
import { readRequest } from './read-request';

const FORMATS = ['messages', 'chat_completions', 'responses', 'generate_content'] as const;
const format = fc.constantFrom<UsageFormat>(...FORMATS, 'batch_results', 'none');

const names = fc.constantFrom(
  ...['messages', 'content', 'role', 'type', 'text', 'tools', 'system', 'input', 'output', 'item', 'index'],
  ...[
    'choices',
    'message',
    'delta',
    'tool_calls',
    'function',
    'arguments',
    'name',
    'id',
    'call_id',
    'source',
  ],
  ...['data', 'media_type', 'image_url', 'url', 'summary', 'instructions', 'contents', 'parts', 'candidates'],
  ...['functionCall', 'functionResponse', 'response', 'inlineData', 'mimeType', 'args', 'error', 'thinking'],
  ...[
    'content_block',
    'partial_json',
    'tool_use_id',
    'is_error',
    'cache_control',
    '__proto__',
    'constructor',
  ],
);
const words = fc.constantFrom(
  ...['text', 'thinking', 'tool_use', 'tool_result', 'image', 'document', 'base64', 'image/png', 'message'],
  ...[
    'function_call',
    'function_call_output',
    'reasoning',
    'input_text',
    'tool',
    'assistant',
    'user',
    'model',
  ],
  ...['content_block_start', 'content_block_delta', 'text_delta', 'input_json_delta', 'response.completed'],
  ...['response.output_item.added', 'response.output_text.delta', 'data:image/png;base64,AA', '\ud83d', ''],
);
/** JSON that has the names of all formats, in places where they may not belong. */
const { value: json } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 7, withCrossShrink: true },
    words,
    fc.constantFrom<unknown>(null, true, 0, -1.5e300),
    fc.array(tie('value'), { maxLength: 3 }),
    fc
      .array(fc.tuple(names, tie('value')), { maxLength: 6 })
      // An object literal, as JSON.parse makes it: with a member of its own named __proto__
      .map((members) => JSON.parse(`{${members.map(([a, b]) => `"${a}":${JSON.stringify(b)}`).join()}}`)),
  ),
}));

/** Bodies that are looked into: the arbitrary values stand where each format has its own. */
const body = fc.oneof(
  json,
  fc
    .tuple(json, json, json)
    .map(([a, b, c]) => ({ messages: [a, { role: 'user', content: [b] }], tools: [c] })),
  fc.tuple(json, json).map(([a, b]) => ({ input: [a, b], contents: [a, { parts: [b] }], system: b })),
  fc
    .tuple(json, json)
    .map(([a, b]) => ({ content: [a], output: [a, b], choices: [{ message: b, delta: a }] })),
  fc
    .tuple(json, json)
    .map(([a, b]) => ({ type: 'content_block_start', index: 0, content_block: a, delta: b })),
  json.map((a) => ({ candidates: [{ content: { parts: [a] } }] })),
);

describe('the reading of content', () => {
  it('throws on no JSON, and answers in texts alone', () => {
    fc.assert(
      fc.property(format, body, body, (name, one, other) => {
        const [current, previous] = [one, other].map((value) =>
          readRequest(name, Buffer.from(JSON.stringify(value))),
        );
        const answer = readAnswer(name, Buffer.from(JSON.stringify(one)), false);
        if (current !== undefined) {
          expect(newIn(current, previous).repeated_messages).toBeLessThanOrEqual(current.messages.length);
          expect(newIn(current, current)).toMatchObject({
            system: null,
            tools: null,
            first_difference: null,
          });
        }
        for (const { role, blocks } of [...(current?.messages ?? []), ...(answer ? [answer] : [])]) {
          expect(typeof role).toBe('string');
          for (const { type, ...fields } of blocks)
            for (const [field, value] of Object.entries(fields))
              expect([type, field, value === null ? 'string' : typeof value]).toEqual([
                type,
                field,
                field === 'is_error'
                  ? 'boolean'
                  : field === 'cut_from' && value !== null
                    ? 'number'
                    : 'string',
              ]);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('throws on no stream, wherever it was cut', () => {
    fc.assert(
      fc.property(format, fc.array(body, { maxLength: 5 }), fc.nat(), (name, events, at) => {
        const bytes = Buffer.from(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''));
        const whole = readAnswer(name, bytes, true);
        const part = readAnswer(name, bytes.subarray(0, at % (bytes.length + 1)), true);
        expect([undefined, 'assistant']).toContain(whole?.role);
        expect([undefined, 'assistant']).toContain(part?.role);
      }),
      { numRuns: 1_000 },
    );
  });

  it('throws on no bytes', () => {
    fc.assert(
      fc.property(format, fc.uint8Array({ maxLength: 200 }), fc.boolean(), (name, bytes, isEventStream) => {
        void readRequest(name, Buffer.from(bytes));
        void readAnswer(name, Buffer.from(bytes), isEventStream);
      }),
    );
  });

  const deep = (start: string, end: string) => `${start.repeat(1e4)}1${end.repeat(1e4)}`;
  const DEEP = [deep('[', ']'), deep('{"content":[{"type":"tool_result","content":', '}]}')];
  it.each<[UsageFormat, (value: string) => string, (value: string) => string]>([
    [
      'messages',
      (value) => `{"messages":[${value},{"content":${value}}],"tools":[${value}]}`,
      (value) => `{"content":[${value}]}`,
    ],
    [
      'chat_completions',
      (value) => `{"messages":[${value},{"tool_calls":${value}}]}`,
      (value) => `{"choices":[{"message":{"content":${value}}}]}`,
    ],
    ['responses', (value) => `{"input":[${value}]}`, (value) => `{"output":[${value}]}`],
    [
      'generate_content',
      (value) => `{"contents":[${value},{"parts":${value}}]}`,
      (value) => `{"candidates":[{"content":{"parts":[${value}]}}]}`,
    ],
  ])('holds out against what is nested ten thousand times, in %s', (name, requestOf, answerOf) => {
    for (const value of DEEP) {
      const request = readRequest(name, Buffer.from(requestOf(value)))!;
      const answer = readAnswer(name, Buffer.from(answerOf(value)), false)!;
      const streamed = readAnswer(name, Buffer.from(`data:${answerOf(value)}`), true)!;
      const texts = [...request.messages, answer, streamed].flatMap(({ blocks }) =>
        blocks.map(({ text }) => text ?? ''),
      );
      expect(texts.some((text) => text !== '')).toBe(true);
      expect(texts.filter((text) => text.length > MAX_TEXT)).toEqual([]);
    }
  });

  it('shows none of ten million values', () => {
    const list = `[${'{},'.repeat(2_500_000)}{}]`;
    const text = `{"messages":${list},"content":${list}}`;
    expect(readRequest('messages', Buffer.from(text))).toBeUndefined();
    expect(readAnswer('messages', Buffer.from(text), false)).toBeUndefined();
    expect(readAnswer('messages', Buffer.from(`data: {"type":"x"}\n\ndata: ${text}`), true)).toBeUndefined();
  });
});
