import * as zlib from 'node:zlib';
import { sse } from '../support/metered';
import { MeteredExchange } from '../support/metered-server';
import { Expected, MeteringCase } from './case';

const MODEL = 'claude-sonnet-5'; // USD for a million: 2 for input, 10 for output

const EVENTS = [
  {
    type: 'message_start',
    message: {
      ...{ id: 'msg_1', type: 'message', model: MODEL, content: [] },
      usage: { input_tokens: 20, output_tokens: 1 },
    },
  },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  ...['The quick ', 'brown fox ', 'jumps över ', 'the lazy 犬 '].map((text) => ({
    ...{ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } },
  })),
  { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 15 } },
  { type: 'message_stop' },
];
const STREAM = sse(EVENTS);
const BODY = JSON.stringify({
  ...{ id: 'msg_1', type: 'message', model: MODEL, content: [{ type: 'text', text: 'hello' }] },
  ...{ stop_reason: 'end_turn', usage: { input_tokens: 20, output_tokens: 15 } },
});

/** A stream with the same usage, compressed by zstd 1.5: Node has it from 22.15 on. */
const ZSTD = Buffer.from(
  'KLUv/QRopQgA0owmGXB5A0CZ3hbRVRK0zjCGXNX1g0qe2f/dYwEA0G3RbVv1k9ncTiVbCeVPt/GpbVJ6iy+n1FShzJnG3FKi5anVY8eQL/HcfRHuZ/wLhRc349lPtLikJADQdd3w1fdBgXhxaXPkn3yluu6DyPHifvO3L0Xw3O004FmltEg8/cEdkobOZ+Hui8uU9su9KF9O4C35NOFGUsrTi998cS4gMEYgCsILB8AA/BccAvgrub1kDo95qCVw9YODh/Fch3AdILBsZC6lTXDpzQNMSVapziodmVRnQqnGgifyj/B0AecEVAFA4NgBqDWgLTJmBcxdY0dpG5wcgEmtBg4Y6RbYabTv8rF6WUbbcEdjPkS0jC5aw5HJAf++GA==',
  'base64',
);

/** Twenty tokens in and fifteen out. */
const WHOLE: Expected = {
  state: 'measured',
  tokens: [20, 0, 0, 0, 15],
  usd: '0.00019',
  lines: [
    ['input', MODEL, 20, '2', '1', '0.00004'],
    ['output', MODEL, 15, '10', '1', '0.00015'],
  ],
  more: { model: MODEL, requested_model: MODEL, message_id: 'msg_1', stop_reason: 'end_turn' },
};
const UNREADABLE: Expected = { state: 'unreadable', tokens: [0, 0, 0, 0, 0], usd: null, lines: [] };

function answer(
  contentType: string,
  coding: string | undefined,
  chunks: MeteredExchange['chunks'],
  more: Partial<MeteredExchange> = {},
): MeteredExchange {
  return {
    provider: 'anthropic',
    path: '/v1/messages',
    request: JSON.stringify({ model: MODEL, max_tokens: 10, messages: [] }),
    headers: { 'content-type': contentType, ...(coding !== undefined && { 'content-encoding': coding }) },
    chunks,
    ...more,
  };
}
const events = (chunks: MeteredExchange['chunks'], coding?: string, more?: Partial<MeteredExchange>) =>
  answer('text/event-stream', coding, chunks, more);
const document = (chunks: MeteredExchange['chunks'], coding?: string) =>
  answer('application/json', coding, chunks);

const inPieces = (bytes: string | Buffer, size: number): Buffer[] => {
  const all = Buffer.from(bytes as string);
  return Array.from({ length: Math.ceil(all.length / size) }, (_, at) =>
    all.subarray(at * size, (at + 1) * size),
  );
};

/** What a server sends that flushes behind each event and never ends the stream. */
const FLUSHED = Buffer.concat(
  EVENTS.map((event) => zlib.deflateRawSync(sse([event]), { finishFlush: zlib.constants.Z_SYNC_FLUSH })),
);
/** Members of gzip, one behind the other, are one gzip stream. */
const MEMBERS = Buffer.concat(EVENTS.map((event) => zlib.gzipSync(sse([event]))));

const CODINGS: readonly [number: number, as: string, exchange: MeteredExchange][] = [
  [11, 'a stream in gzip', events([zlib.gzipSync(STREAM)], 'gzip')],
  [12, 'every byte of the gzip by itself', events(inPieces(zlib.gzipSync(STREAM), 1), 'gzip')],
  [12, 'a member of gzip for each event', events(inPieces(MEMBERS, 61), 'gzip')],
  [13, 'a body in br', document([zlib.brotliCompressSync(BODY)], 'br')],
  [13, 'a stream in br', events(inPieces(zlib.brotliCompressSync(STREAM), 7), 'br')],
  [13, 'a stream in zstd', events(inPieces(ZSTD, 50), 'zstd')],
  [13, 'a stream in deflate', events(inPieces(zlib.deflateSync(STREAM), 50), 'deflate')],
  [13, 'a stream in deflate without a header', events(inPieces(FLUSHED, 50), 'deflate')],
];

const MISTAKES: Readonly<Record<number, string>> = {
  11: 'a compressed stream not decoded: no tokens, blank model',
  12: 'a chunk boundary inside an event: end of file, then counted twice',
  13: 'br or zstd not decoded: no tokens, or zero',
  27: 'an event that does not come as expected is lost',
  28: 'usage not found, or found in a text',
};

const large = (size: number): object => ({ type: 'text', text: '"usage":{"input_tokens":9} '.repeat(size) });
const usage = { input_tokens: 20, output_tokens: 15 };
const message = { id: 'msg_1', type: 'message', model: MODEL, stop_reason: 'end_turn' };
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
/** Of two members with one name the last one counts, as for every parser. */
const twice = (content: object): string =>
  `{"usage":{"input_tokens":7,"output_tokens":7},${JSON.stringify({ ...message, content: [content], usage }).slice(1)}`;

const DOCUMENTS: readonly [as: string, body: string][] = [
  ['usage before 3 MB of content', JSON.stringify({ usage, ...message, content: [large(115_000)] })],
  ['usage between', JSON.stringify({ content: [large(60_000)], usage, ...message, more: [large(60_000)] })],
  ['usage behind 3 MB of content', JSON.stringify({ ...message, content: [large(115_000)], usage })],
  ['"usage" inside a text', JSON.stringify({ ...message, content: [large(1)], usage })],
  [
    '"usage" as a member of content',
    JSON.stringify({
      ...message,
      content: [{ type: 'tool_use', input: { usage: { input_tokens: 9 } } }],
      usage,
    }),
  ],
  ['two members with one name', twice({ type: 'text', text: 'x' })],
  ['two members with one name around 3 MB', twice(large(115_000))],
  ...[1000, 100_000].map((depth): [string, string] => [
    `${String(depth)} brackets`,
    `{"deep":${nested(depth)},${JSON.stringify({ ...message, content: [{ type: 'text', text: 'x' }], usage }).slice(1)}`,
  ]),
];

const spelled = (from: RegExp, to: string): string => STREAM.replace(from, to);
const STREAMS: readonly [as: string, chunks: MeteredExchange['chunks']][] = [
  ['split at every byte', inPieces(STREAM, 1)],
  ['with CRLF, split at every byte', inPieces(spelled(/\n/g, '\r\n'), 1)],
  ['with CR', [spelled(/\n/g, '\r')]],
  ['with comments', inPieces(spelled(/^event: /gm, ': ping\nevent: '), 20)],
  ['with several lines of data', [spelled(/,"/g, ',\ndata: "')]],
  ['with a byte order mark', inPieces(`\uFEFF${STREAM}`, 2)],
  ['without spaces behind the colons', [spelled(/^(event|data): /gm, '$1:')]],
  ['without names of events', [spelled(/^event: .*\n/gm, '')]],
  ['with fields that nobody knows', [spelled(/^event: /gm, 'id: 7\nretry: 10\nnew: x\nevent: ')]],
  ['without its last empty line', [STREAM.slice(0, -2)]],
  [
    'with an event of 5 MB',
    inPieces(
      sse([
        ...EVENTS.slice(0, 1),
        {
          type: 'content_block_start',
          index: 0,
          content_block: { type: 'web_search_tool_result', content: 'x'.repeat(5_000_000) },
        },
        ...EVENTS.slice(-2),
      ]),
      65_536,
    ),
  ],
];

const caseOf = (number: number, as: string, exchange: MeteredExchange, expected = WHOLE): MeteringCase => ({
  ...{ number, mistake: MISTAKES[number] ?? '', as, exchange, expected },
});

/** The cases of bytes: content codings, boundaries, forms of events and documents. */
export const BYTE_CASES: readonly MeteringCase[] = [
  ...CODINGS.map(([number, as, exchange]) => caseOf(number, as, exchange)),
  caseOf(13, 'one that nobody knows', events([STREAM], 'aes128gcm'), UNREADABLE),
  caseOf(13, 'one that the bytes are not in', events([STREAM], 'gzip'), UNREADABLE),
  ...STREAMS.map(([as, chunks]) => caseOf(27, as, events(chunks))),
  ...DOCUMENTS.map(([as, body]) => caseOf(28, as, document(inPieces(body, 65_536)))),
  caseOf(28, 'cut in the middle of it', document([BODY.slice(0, -9)]), UNREADABLE),
];

/** An answer of OpenAI that repeats itself as a whole in one event of 5 MB. */
export const LARGE_RESPONSE: MeteringCase = {
  number: 27,
  mistake: MISTAKES[27] ?? '',
  as: 'with the whole answer of 5 MB in the last event',
  exchange: {
    ...answer(
      'text/event-stream',
      undefined,
      inPieces(
        sse([
          {
            type: 'response.completed',
            response: {
              ...{ id: 'resp_27', model: 'gpt-5', status: 'completed', output: ['x'.repeat(5_000_000)] },
              usage: { input_tokens: 1000, output_tokens: 100 },
            },
          },
        ]),
        65_536,
      ),
      { provider: 'openai', path: '/v1/responses' },
    ),
  },
  expected: {
    state: 'measured',
    tokens: [1000, 0, 0, 0, 100],
    usd: '0.00225',
    lines: [
      ['input', 'gpt-5', 1000, '1.25', '1', '0.00125'],
      ['output', 'gpt-5', 100, '10', '1', '0.001'],
    ],
  },
};
