import fc from 'fast-check';
import * as zlib from 'node:zlib';
import { Passing, sse, usageOf, usagesOf } from '../../test/support/metered';
import { mergedUsage } from './message-usage';
import { Usage } from './usage';

type Format = NonNullable<Passing['format']>;

const count = fc.integer({ min: 1, max: 1e9 });
const words = fc.array(fc.string({ unit: 'grapheme', maxLength: 12 }), { maxLength: 6 });

/** Streams of every format; the usage in them is complete. */
const STREAMS: readonly (readonly [Format, fc.Arbitrary<readonly (object | string)[]>])[] = [
  [
    'messages',
    fc.tuple(words, count, count, count).map(([texts, input, cached, output]) => [
      {
        type: 'message_start',
        message: {
          id: 'msg_ü',
          model: 'm',
          content: [],
          usage: { input_tokens: input, output_tokens: 1, cache_creation_input_tokens: cached },
        },
      },
      { type: 'ping' },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      ...texts.map((text) => ({
        type: 'content_block_delta',
        index: 0,
        delta: { type: 'text_delta', text },
      })),
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: output } },
      { type: 'message_stop' },
    ]),
  ],
  [
    'responses',
    fc.tuple(words, count, count).map(([texts, input, output]) => [
      { type: 'response.created', response: { id: 'r', model: 'm', usage: null } },
      ...texts.map((delta) => ({ type: 'response.output_text.delta', delta })),
      {
        type: 'response.completed',
        response: {
          id: 'r',
          model: 'm',
          output: texts,
          usage: { input_tokens: input, output_tokens: output },
        },
      },
    ]),
  ],
  [
    'chat_completions',
    fc.tuple(words, count, count).map(([texts, prompt_tokens, completion_tokens]) => [
      ...texts.map((content) => ({
        model: 'm',
        choices: [{ delta: { content }, finish_reason: null }],
        usage: null,
      })),
      { model: 'm', choices: [{ delta: {}, finish_reason: 'stop' }], usage: null },
      { model: 'm', choices: [], usage: { prompt_tokens, completion_tokens } },
      '[DONE]',
    ]),
  ],
  [
    'generate_content',
    fc.tuple(words, count, count).map(([texts, promptTokenCount, candidatesTokenCount]) => [
      ...texts.map((text) => ({
        candidates: [{ content: { parts: [{ text }] } }],
        usageMetadata: { promptTokenCount },
      })),
      {
        candidates: [{ finishReason: 'STOP' }],
        usageMetadata: { promptTokenCount, candidatesTokenCount },
        modelVersion: 'm',
      },
    ]),
  ],
];

const CODINGS: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  gzip: zlib.gzipSync,
  deflate: zlib.deflateSync,
  br: (bytes) => zlib.brotliCompressSync(bytes, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } }),
};
const coding = fc.constantFrom(undefined, ...Object.keys(CODINGS));
const encoded = (bytes: Buffer, name: string | undefined): Buffer =>
  name === undefined ? bytes : CODINGS[name]!(bytes);

/** Cuts bytes into chunks whose sizes repeat. */
function chunked(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length]!;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}
const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });

/** Writes the same events otherwise, as the standard allows. */
const dressing = fc.record({
  end: fc.constantFrom('\n', '\r\n', '\r'),
  mark: fc.boolean(),
  comment: fc.boolean(),
  lines: fc.boolean(),
});
type Dressing = typeof dressing extends fc.Arbitrary<infer T> ? T : never;
function dressed(text: string, { end, mark, comment, lines }: Dressing): Buffer {
  const commented = comment ? text.replaceAll('\n\n', '\n: keep-alive\n\n: another\n\n') : text;
  // A line break between two tokens of JSON is whitespace.
  const broken = lines ? commented.replace(/^data: \{(?=")/gm, 'data: {\ndata:') : commented;
  return Buffer.from((mark ? '\ufeff' : '') + broken.replaceAll('\n', end));
}

const read = (format: Format, chunks: readonly Buffer[], more: Partial<Passing> = {}): Promise<Usage> =>
  usageOf({ format, chunks, contentType: 'text/event-stream', ...more });
const withCoding = (name: string | undefined): Partial<Passing> =>
  name === undefined ? {} : { coding: name };

describe.each(STREAMS)('the usage of a stream of %s', (format, streams) => {
  it('cases 12, 27: is the same in any chunks, under any coding, and however the events are written', async () => {
    await fc.assert(
      fc.asyncProperty(streams, sizes, coding, dressing, async (events, cut, name, dress) => {
        const text = sse(events);
        const plain = await read(format, [Buffer.from(text)]);
        expect(plain.state).toBe('measured');
        expect(
          await read(format, chunked(encoded(dressed(text, dress), name), cut), withCoding(name)),
        ).toEqual(plain);
      }),
      { numRuns: 150 },
    );
  });

  it('says estimated if the stream was cut, unless all of the usage was there', async () => {
    await fc.assert(
      fc.asyncProperty(
        streams,
        fc.double({ min: 0, max: 1, noNaN: true }),
        coding,
        async (events, part, name) => {
          const bytes = encoded(Buffer.from(sse(events)), name);
          const whole = await read(format, [bytes], withCoding(name));
          const cut = await read(format, [bytes.subarray(0, Math.floor(part * bytes.length))], {
            ...withCoding(name),
            outcome: 'client_aborted',
          });
          if (cut.state === 'measured') expect(cut.parts).toEqual(whole.parts);
          else expect(cut.state).toBe('estimated');
        },
      ),
      { numRuns: 150 },
    );
  });

  it('is never measured wrongly from compressed bytes that are corrupt', async () => {
    const flip = fc.record({ at: fc.nat(), bit: fc.nat(7) });
    await fc.assert(
      fc.asyncProperty(
        streams,
        flip,
        fc.constantFrom('gzip', 'deflate'),
        async (events, { at, bit }, name) => {
          const bytes = encoded(Buffer.from(sse(events)), name);
          const whole = await read(format, [bytes], withCoding(name));
          bytes[at % bytes.length]! ^= 1 << bit;
          const corrupt = await read(format, [bytes], withCoding(name));
          if (corrupt.state === 'measured') expect(corrupt.parts).toEqual(whole.parts);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('any bytes', () => {
  it('resolve to a usage that is not measured, whatever they are said to be', async () => {
    const format = fc.constantFrom<Format>(
      'messages',
      'batch_results',
      'responses',
      'chat_completions',
      'generate_content',
    );
    const types = fc.constantFrom('text/event-stream', 'application/json', 'application/x-jsonl', '');
    const codings = fc.constantFrom('gzip', 'deflate', 'br', 'zstd', 'identity');
    const zstdMagic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
    await fc.assert(
      fc.asyncProperty(
        format,
        types,
        codings,
        fc.uint8Array({ maxLength: 400 }),
        async (kind, contentType, name, noise) => {
          const bytes = name === 'zstd' ? Buffer.concat([zstdMagic, noise]) : Buffer.from(noise);
          for (const usage of await usagesOf({
            format: kind,
            contentType,
            coding: name,
            chunks: [bytes],
            request: [bytes],
          }))
            expect(usage.state).not.toBe('measured');
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('merging a usage', () => {
  const usage = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.option(fc.nat()));

  it('is idempotent, and associative: what is carried last counts', () => {
    fc.assert(
      fc.property(usage, usage, usage, (one, two, three) => {
        const merged = mergedUsage(one, two);
        expect(mergedUsage(merged, two)).toEqual(merged);
        expect(mergedUsage(merged, three)).toEqual(mergedUsage(one, mergedUsage(two, three)));
      }),
    );
  });
});
