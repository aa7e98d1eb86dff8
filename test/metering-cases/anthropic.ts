import { sse } from '../support/metered';
import { MeteredExchange } from '../support/metered-server';
import { Expected, Line, MeteringCase, Tokens } from './case';

const SONNET = 'claude-sonnet-5'; // USD for a million: 2, written 2.5 and 4, read 0.2, output 10
const OPUS = 'claude-opus-5'; // 5, written 6.25 and 10, read 0.5, output 25; fast 10, 12.5 and 20, 1, 50
const HAIKU = 'claude-haiku-4-5'; // 1, written 1.25 and 2, read 0.1, output 5

const start = (usage: object, model = SONNET): object => ({
  type: 'message_start',
  message: { id: 'msg_1', type: 'message', role: 'assistant', model, content: [], stop_reason: null, usage },
});
const block = (content_block: object = { type: 'text', text: '' }): object => ({
  ...{ type: 'content_block_start', index: 0, content_block },
});
const text = (written: string): object => ({
  ...{ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: written } },
});
const delta = (usage: object, stop_reason: string | null = 'end_turn'): object => ({
  ...{ type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage },
});
const stop = { type: 'message_stop' };

type More = Partial<MeteredExchange>;

function post(model: string, contentType: string, answer: string, more: More): MeteredExchange {
  return {
    provider: 'anthropic',
    path: '/v1/messages',
    request: JSON.stringify({ model, max_tokens: 10, messages: [{ role: 'user', content: 'hi' }] }),
    headers: { 'content-type': contentType },
    chunks: [answer],
    ...more,
  };
}

const stream = (events: readonly object[], more: More = {}, model = SONNET): MeteredExchange =>
  post(model, 'text/event-stream; charset=utf-8', sse(events), more);

const body = (usage: object, rest: object = {}, model = SONNET, more: More = {}): MeteredExchange => {
  const content = [{ type: 'text', text: 'hello' }];
  const message = { id: 'msg_1', type: 'message', model, content, stop_reason: 'end_turn', ...rest, usage };
  return post(model, 'application/json', JSON.stringify(message), more);
};

const measured = (tokens: Tokens, usd: string, lines: readonly Line[], more = {}): Expected => ({
  ...{ state: 'measured', tokens, usd, lines, more },
});

const halves = (short: number | null | undefined, long: number | null | undefined): object => ({
  cache_creation: { ephemeral_5m_input_tokens: short, ephemeral_1h_input_tokens: long },
});

const counts = (input_tokens: number, output_tokens: number): object => ({
  ...{ input_tokens, output_tokens, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 },
  cache_creation: null,
});

/** The whole of each kind once, for what applies to all of them. */
const ALL = {
  ...{ input_tokens: 1000, cache_read_input_tokens: 1000, cache_creation_input_tokens: 2000 },
  ...{ ...halves(1000, 1000), output_tokens: 100 },
};
const ALL_TOKENS: Tokens = [1000, 1000, 1000, 1000, 100];

/** What was asked of the model at $2 and answered at $10: 20 tokens and 15. */
const TWENTY_AND_FIFTEEN = measured([20, 0, 0, 0, 15], '0.00019', [
  ['input', SONNET, 20, '2', '1', '0.00004'],
  ['output', SONNET, 15, '10', '1', '0.00015'],
]);

const ONE_HOUR = measured([10, 0, 200, 800, 1], '0.00373', [
  ['input', SONNET, 10, '2', '1', '0.00002'],
  ['cache_write_5m', SONNET, 200, '2.5', '1', '0.0005'],
  ['cache_write_1h', SONNET, 800, '4', '1', '0.0032'],
  ['output', SONNET, 1, '10', '1', '0.00001'],
]);
const written = (creation: object): MeteredExchange =>
  body({ input_tokens: 10, cache_creation_input_tokens: 1000, ...creation, output_tokens: 1 });

/** The cases of Anthropic's Messages API. */
export const ANTHROPIC_CASES: readonly MeteringCase[] = [
  {
    number: 1,
    mistake: 'cache creation charged as input and again as write',
    exchange: body({ input_tokens: 100, cache_creation_input_tokens: 1000, output_tokens: 10 }),
    expected: measured([100, 0, 1000, 0, 10], '0.0028', [
      ['input', SONNET, 100, '2', '1', '0.0002'],
      ['cache_write_5m', SONNET, 1000, '2.5', '1', '0.0025'],
      ['output', SONNET, 10, '10', '1', '0.0001'],
    ]),
  },
  {
    number: 2,
    mistake: 'cache reads at the full input rate, or at zero',
    exchange: body({ input_tokens: 10, cache_read_input_tokens: 100_000, output_tokens: 5 }),
    expected: measured([10, 100_000, 0, 0, 5], '0.02007', [
      ['input', SONNET, 10, '2', '1', '0.00002'],
      ['cache_read', SONNET, 100_000, '0.2', '1', '0.02'],
      ['output', SONNET, 5, '10', '1', '0.00005'],
    ]),
  },
  {
    number: 3,
    mistake: 'input clamped to zero because more is cached than is not',
    exchange: stream([
      start({
        ...{ input_tokens: 3, cache_read_input_tokens: 5000, cache_creation_input_tokens: 700 },
        ...{ ...halves(700, 0), output_tokens: 1 },
      }),
      block(),
      text('hello'),
      delta({ output_tokens: 9 }),
      stop,
    ]),
    expected: measured([3, 5000, 700, 0, 9], '0.002846', [
      ['input', SONNET, 3, '2', '1', '0.000006'],
      ['cache_read', SONNET, 5000, '0.2', '1', '0.001'],
      ['cache_write_5m', SONNET, 700, '2.5', '1', '0.00175'],
      ['output', SONNET, 9, '10', '1', '0.00009'],
    ]),
  },
  {
    number: 4,
    mistake: 'cached tokens subtracted from input that does not include them',
    as: 'Anthropic',
    exchange: body({ input_tokens: 100, cache_read_input_tokens: 60, output_tokens: 50 }),
    expected: measured([100, 60, 0, 0, 50], '0.000712', [
      ['input', SONNET, 100, '2', '1', '0.0002'],
      ['cache_read', SONNET, 60, '0.2', '1', '0.000012'],
      ['output', SONNET, 50, '10', '1', '0.0005'],
    ]),
  },
  {
    number: 5,
    mistake: 'start and delta summed: output 16 instead of 15, input twice',
    exchange: stream([
      start({ input_tokens: 20, output_tokens: 1 }),
      block(),
      text('hello'),
      delta({ input_tokens: 20, output_tokens: 15 }),
      stop,
    ]),
    expected: TWENTY_AND_FIFTEEN,
  },
  {
    number: 6,
    mistake: 'several deltas, each added',
    exchange: stream([
      start({ input_tokens: 20, output_tokens: 1 }),
      block(),
      delta({ output_tokens: 5 }, null),
      { type: 'message_delta', delta: { stop_reason: null } },
      delta({ input_tokens: 20, output_tokens: 9 }, null),
      delta({ output_tokens: 15 }),
      stop,
    ]),
    expected: TWENTY_AND_FIFTEEN,
  },
  {
    number: 7,
    mistake: 'server tools: the start’s input kept, 2,679 instead of 10,682',
    exchange: stream([
      start({ input_tokens: 2679, output_tokens: 3 }),
      block({ type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} }),
      delta({
        ...{ input_tokens: 10_682, cache_read_input_tokens: 0, output_tokens: 510 },
        server_tool_use: { web_search_requests: 3, web_fetch_requests: 2 },
      }),
      stop,
    ]),
    expected: measured(
      [10_682, 0, 0, 0, 510],
      '0.056464',
      [
        ['input', SONNET, 10_682, '2', '1', '0.021364'],
        ['output', SONNET, 510, '10', '1', '0.0051'],
        ['web_search', SONNET, 3, '10', '1', '0.03'],
      ],
      { web_searches: 3 },
    ),
  },
  {
    number: 8,
    mistake: 'the start says 0/0, and the truth in the delta is not read',
    exchange: stream([
      start({ input_tokens: 0, output_tokens: 0 }),
      block(),
      text('hello'),
      delta({ input_tokens: 20, output_tokens: 15 }),
      stop,
    ]),
    expected: TWENTY_AND_FIFTEEN,
  },
  {
    number: 9,
    mistake: '1-hour writes at the 5-minute rate',
    exchange: written(halves(200, 800)),
    expected: ONE_HOUR,
  },
  {
    number: 10,
    mistake: 'one half of the split missing, and its tokens lost',
    as: 'the 5-minute half',
    exchange: written(halves(undefined, 800)),
    expected: ONE_HOUR,
  },
  {
    number: 10,
    mistake: 'one half of the split missing, and its tokens lost',
    as: 'the 1-hour half',
    exchange: written(halves(200, null)),
    expected: ONE_HOUR,
  },
  {
    number: 14,
    mistake: 'the client aborts, and there is no row',
    exchange: stream(
      [
        start({ input_tokens: 50, cache_read_input_tokens: 1000, output_tokens: 1 }),
        block(),
        text('x'.repeat(42)),
      ],
      { end: 'never', leavesAfter: 100 },
    ),
    // 42 characters are at least 10 tokens
    expected: {
      state: 'estimated',
      tokens: [50, 1000, 0, 0, 10],
      usd: '0.0004',
      lines: [
        ['input', SONNET, 50, '2', '1', '0.0001'],
        ['cache_read', SONNET, 1000, '0.2', '1', '0.0002'],
        ['output', SONNET, 10, '10', '1', '0.0001'],
      ],
      more: { outcome: 'client_aborted', status: 200, message_id: 'msg_1' },
    },
  },
  {
    number: 14,
    mistake: 'the client aborts, and there is no row',
    as: 'before any answer',
    exchange: stream([], { end: 'never', leavesAfter: 0 }),
    expected: {
      ...{ state: 'estimated', tokens: [0, 0, 0, 0, 0], usd: '0', lines: [] },
      more: { outcome: 'client_aborted', status: null, model: null, requested_model: SONNET },
    },
  },
  {
    number: 15,
    mistake: 'an explicit zero replaced by an estimate',
    exchange: stream([
      start({ input_tokens: 20, output_tokens: 3 }),
      block(),
      text('a long text of many words'),
      delta({ input_tokens: 0, output_tokens: 0 }),
      stop,
    ]),
    expected: measured([0, 0, 0, 0, 0], '0', []),
  },
  {
    number: 16,
    mistake: 'an error in mid-stream booked as success',
    exchange: stream([
      start({ input_tokens: 50, output_tokens: 1 }),
      block(),
      text('x'.repeat(40)),
      { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
    ]),
    expected: {
      state: 'estimated',
      tokens: [50, 0, 0, 0, 10],
      usd: '0.0002',
      lines: [
        ['input', SONNET, 50, '2', '1', '0.0001'],
        ['output', SONNET, 10, '10', '1', '0.0001'],
      ],
    },
  },
  {
    number: 16,
    mistake: 'an error in mid-stream booked as success',
    as: 'a connection that breaks',
    exchange: stream([start({ input_tokens: 50, output_tokens: 1 }), block(), text('x'.repeat(40))], {
      end: 'connection',
    }),
    expected: {
      state: 'estimated',
      tokens: [50, 0, 0, 0, 10],
      usd: '0.0002',
      lines: [
        ['input', SONNET, 50, '2', '1', '0.0001'],
        ['output', SONNET, 10, '10', '1', '0.0001'],
      ],
      more: { outcome: 'upstream_failed' },
    },
  },
  {
    number: 17,
    mistake: 'fast asked and standard served, priced as fast',
    exchange: body({ ...counts(1000, 100), speed: 'standard' }, {}, OPUS, {
      request: JSON.stringify({ model: OPUS, speed: 'fast', max_tokens: 10, messages: [] }),
    }),
    expected: measured([1000, 0, 0, 0, 100], '0.0075', [
      ['input', OPUS, 1000, '5', '1', '0.005'],
      ['output', OPUS, 100, '25', '1', '0.0025'],
    ]),
  },
  {
    number: 17,
    mistake: 'the fast rate not on the cache',
    exchange: body({ ...ALL, speed: 'fast' }, {}, OPUS),
    expected: measured(ALL_TOKENS, '0.0485', [
      ['input', OPUS, 1000, '10', '1', '0.01'],
      ['cache_read', OPUS, 1000, '1', '1', '0.001'],
      ['cache_write_5m', OPUS, 1000, '12.5', '1', '0.0125'],
      ['cache_write_1h', OPUS, 1000, '20', '1', '0.02'],
      ['output', OPUS, 100, '50', '1', '0.005'],
    ]),
  },
  {
    number: 18,
    mistake: 'the 1.1 of the us region missing',
    exchange: body({ ...ALL, inference_geo: 'us' }, {}, OPUS),
    expected: measured(ALL_TOKENS, '0.026675', [
      ['input', OPUS, 1000, '5', '1.1', '0.0055'],
      ['cache_read', OPUS, 1000, '0.5', '1.1', '0.00055'],
      ['cache_write_5m', OPUS, 1000, '6.25', '1.1', '0.006875'],
      ['cache_write_1h', OPUS, 1000, '10', '1.1', '0.011'],
      ['output', OPUS, 100, '25', '1.1', '0.00275'],
    ]),
  },
  {
    number: 18,
    mistake: 'the 1.1 of the us region on a model that has one price everywhere',
    exchange: body({ ...counts(1000, 100), inference_geo: 'us' }, {}, HAIKU),
    expected: measured([1000, 0, 0, 0, 100], '0.0015', [
      ['input', HAIKU, 1000, '1', '1', '0.001'],
      ['output', HAIKU, 100, '5', '1', '0.0005'],
    ]),
  },
  {
    number: 19,
    mistake: 'compaction missing, and the advisor at the wrong model’s rate',
    exchange: stream(
      [
        start(counts(10, 1), OPUS),
        block(),
        text('hello'),
        delta({
          ...counts(10, 20),
          iterations: [
            { type: 'compaction', ...counts(1000, 50) },
            { type: 'message', model: OPUS, ...counts(10, 20) },
            { type: 'advisor_message', model: HAIKU, ...counts(7, 8) },
          ],
        }),
        stop,
      ],
      {},
      OPUS,
    ),
    expected: measured([1017, 0, 0, 0, 78], '0.006847', [
      ['input', OPUS, 1000, '5', '1', '0.005'],
      ['output', OPUS, 50, '25', '1', '0.00125'],
      ['input', OPUS, 10, '5', '1', '0.00005'],
      ['output', OPUS, 20, '25', '1', '0.0005'],
      ['input', HAIKU, 7, '1', '1', '0.000007'],
      ['output', HAIKU, 8, '5', '1', '0.00004'],
    ]),
  },
  {
    number: 19,
    mistake: 'a declined hop counted',
    exchange: stream(
      [
        start(counts(100, 0), OPUS),
        block({ type: 'fallback', from: { model: OPUS }, to: { model: HAIKU } }),
        block(),
        text('hello'),
        delta({
          ...counts(100, 30),
          iterations: [
            { type: 'message', model: OPUS, ...counts(100, 0) },
            { type: 'fallback_message', model: HAIKU, ...counts(100, 30) },
          ],
        }),
        stop,
      ],
      {},
      OPUS,
    ),
    expected: measured(
      [100, 0, 0, 0, 30],
      '0.00025',
      [
        ['input', HAIKU, 100, '1', '1', '0.0001'],
        ['output', HAIKU, 30, '5', '1', '0.00015'],
      ],
      { requested_model: OPUS, model: HAIKU },
    ),
  },
  {
    number: 20,
    mistake: 'a refusal without output priced',
    exchange: body(counts(100, 4), { content: [], stop_reason: 'refusal' }),
    expected: measured(
      [100, 0, 0, 0, 4],
      '0',
      [
        ['input', SONNET, 100, '2', '0', '0'],
        ['output', SONNET, 4, '10', '0', '0'],
      ],
      { stop_reason: 'refusal' },
    ),
  },
  {
    number: 20,
    mistake: 'a refusal in mid-stream not priced',
    exchange: stream([
      start({ input_tokens: 20, output_tokens: 1 }),
      block(),
      text('I'),
      delta({ output_tokens: 15 }, 'refusal'),
      stop,
    ]),
    expected: { ...TWENTY_AND_FIFTEEN, more: { stop_reason: 'refusal' } },
  },
  {
    number: 21,
    mistake: 'thinking added to the output',
    as: 'Anthropic',
    exchange: stream([
      start({ input_tokens: 20, output_tokens: 1 }),
      block({ type: 'thinking', thinking: '' }),
      delta({ output_tokens: 15, output_tokens_details: { thinking_tokens: 12 } }),
      stop,
    ]),
    expected: { ...TWENTY_AND_FIFTEEN, more: { thinking_tokens: 12 } },
  },
  {
    number: 22,
    mistake: 'a new point release priced as its base',
    exchange: body(counts(1000, 100), {}, 'claude-sonnet-5-5'),
    expected: {
      ...{ state: 'measured', tokens: [1000, 0, 0, 0, 100], usd: null, lines: [] },
      more: { model: 'claude-sonnet-5-5', price_id: null },
    },
  },
  {
    number: 22,
    mistake: 'a new point release priced as its base',
    as: 'which has a price of its own',
    exchange: body(counts(1000, 100), {}, 'claude-opus-5-5'),
    expected: measured([1000, 0, 0, 0, 100], '0.006', [
      ['input', 'claude-opus-5-5', 1000, '4', '1', '0.004'],
      ['output', 'claude-opus-5-5', 100, '20', '1', '0.002'],
    ]),
  },
  {
    number: 23,
    mistake: 'an unknown model costs 0',
    exchange: body(counts(1000, 100), {}, 'claude-nobody-knows'),
    expected: { state: 'measured', tokens: [1000, 0, 0, 0, 100], usd: null, lines: [] },
  },
  {
    number: 25,
    mistake: 'count_tokens counted as spend',
    exchange: post(SONNET, 'application/json', '{"input_tokens":5000}', {
      path: '/v1/messages/count_tokens',
    }),
    expected: {
      ...{ state: 'none', tokens: [0, 0, 0, 0, 0], usd: null, lines: [] },
      more: { endpoint: 'count_tokens' },
    },
  },
];

/** A batch of two results, each of which costs half. */
export const BATCH: MeteredExchange = {
  provider: 'anthropic',
  method: 'GET',
  path: '/v1/messages/batches/msgbatch_1/results',
  headers: { 'content-type': 'application/x-jsonl' },
  chunks: ['one', 'two'].map((custom_id) => {
    const message = { id: `msg_${custom_id}`, type: 'message', model: OPUS, content: [{ type: 'text' }] };
    const result = { type: 'succeeded', message: { ...message, usage: counts(1000, 100) } };
    return `${JSON.stringify({ custom_id, result })}\n`;
  }),
};
export const BATCH_RESULT = measured([1000, 0, 0, 0, 100], '0.00375', [
  ['input', OPUS, 1000, '5', '0.5', '0.0025'],
  ['output', OPUS, 100, '25', '0.5', '0.00125'],
]);

/** A message that the client requests twice. */
export const RETRIED: MeteringCase = {
  number: 26,
  mistake: 'a message that is requested again counted once, or with another’s numbers',
  exchange: stream([
    start({ input_tokens: 20, output_tokens: 1 }),
    block(),
    text('hello'),
    delta({ output_tokens: 15 }),
    stop,
  ]),
  expected: TWENTY_AND_FIFTEEN,
};
