import { part, sse, usageOf } from '../../test/support/metered';
import { Usage } from './usage';

const start = (usage: object | null, model = 'm'): object => ({
  type: 'message_start',
  message: { id: 'msg_1', type: 'message', role: 'assistant', model, content: [], stop_reason: null, usage },
});
const block = (content_block: object = { type: 'text', text: '' }): object => ({
  type: 'content_block_start',
  index: 0,
  content_block,
});
const text = (written: string): object => ({
  type: 'content_block_delta',
  index: 0,
  delta: { type: 'text_delta', text: written },
});
const delta = (usage: object | null, stop_reason: string | null = 'end_turn'): object => ({
  type: 'message_delta',
  delta: { stop_reason, stop_sequence: null },
  ...(usage === null ? {} : { usage }),
});
const stop = { type: 'message_stop' };

const stream = (...events: object[]): Promise<Usage> => usageOf({ chunks: sse(events) });
const body = (message: object): Promise<Usage> =>
  usageOf({
    chunks: JSON.stringify({
      id: 'msg_1',
      type: 'message',
      model: 'm',
      content: [{ type: 'text' }],
      ...message,
    }),
  });

describe('the usage of a message', () => {
  it('cases 1, 3: keeps uncached input, cache reads and writes apart, also where more is cached than is not', async () => {
    const usage = {
      input_tokens: 3,
      cache_read_input_tokens: 5000,
      cache_creation_input_tokens: 700,
      cache_creation: { ephemeral_5m_input_tokens: 700, ephemeral_1h_input_tokens: 0 },
      output_tokens: 9,
    };
    const expected = {
      state: 'measured',
      requestedModel: 'asked',
      model: 'm',
      parts: [part({ input: 3, cacheRead: 5000, cacheWrite5m: 700, output: 9 })],
      messageId: 'msg_1',
    };
    expect(await body({ usage })).toMatchObject(expected);
    expect(await stream(start(usage), block(), text('x'), delta({ output_tokens: 9 }), stop)).toMatchObject({
      ...expected,
      stopReason: 'end_turn',
    });
  });

  it('case 5: takes the last output instead of adding it to the seed', async () => {
    const { parts } = await stream(
      start({ input_tokens: 20, output_tokens: 1 }),
      block(),
      delta({ input_tokens: 20, output_tokens: 15 }),
      stop,
    );
    expect(parts).toEqual([part({ input: 20, output: 15 })]);
  });

  it('case 6: takes the last of several deltas, and passes those without usage', async () => {
    const { parts, state } = await stream(
      start({ input_tokens: 20, output_tokens: 1 }),
      delta({ output_tokens: 5 }, null),
      delta({ output_tokens: 9 }),
      delta(null),
      stop,
    );
    expect({ parts, state }).toEqual({ parts: [part({ input: 20, output: 9 })], state: 'measured' });
  });

  it.each([
    ['case 7: server tools raise the input', { input_tokens: 2679, output_tokens: 3 }, 10682],
    ['case 8: the start says nothing', { input_tokens: 0, output_tokens: 0 }, 512],
    ['null in the start', { input_tokens: null, cache_read_input_tokens: null, output_tokens: 0 }, 7],
  ])('%s: the truth stands in the delta', async (_, first, input) => {
    const { parts, webSearches } = await stream(
      start(first),
      delta({
        input_tokens: input,
        cache_read_input_tokens: null,
        output_tokens: 510,
        server_tool_use: { web_search_requests: 2, web_fetch_requests: 4 },
      }),
      stop,
    );
    expect(parts).toEqual([part({ input, output: 510 })]);
    expect(webSearches).toBe(2);
  });

  it('case 15: an explicit zero is measured, and no estimate replaces it', async () => {
    const usage = await stream(
      start({ input_tokens: 5, output_tokens: 3 }),
      block(),
      text('a long text of words'),
      delta({ input_tokens: 0, output_tokens: 0 }),
      stop,
    );
    expect(usage).toMatchObject({ state: 'measured', parts: [part({})] });
  });

  it('case 21: thinking is a part of the output', async () => {
    const usage = await stream(
      start({ input_tokens: 5, output_tokens: 1 }),
      delta({ output_tokens: 100, output_tokens_details: { thinking_tokens: 80 } }),
      stop,
    );
    expect(usage).toMatchObject({ thinkingTokens: 80, parts: [part({ input: 5, output: 100 })] });
  });

  it('cases 17, 18: says what was served', async () => {
    const usage = {
      input_tokens: 1,
      output_tokens: 1,
      service_tier: 'priority',
      speed: 'standard',
      inference_geo: 'us',
    };
    const served = { serviceTier: 'priority', speed: 'standard', inferenceGeo: 'us' };
    expect(await body({ usage })).toMatchObject({ served });
    expect(await stream(start(usage), delta({ output_tokens: 3 }), stop)).toMatchObject({ served });
  });

  it('case 20: a refusal before any output is free, one in the middle is not', async () => {
    const usage = { input_tokens: 100, output_tokens: 4 };
    const refused = { stop_reason: 'refusal', usage };
    expect(await body({ ...refused, content: [] })).toMatchObject({
      state: 'measured',
      isFree: true,
      parts: [part({ input: 100, output: 4 })],
    });
    expect(await body(refused)).toMatchObject({ isFree: false });
    expect(await stream(start(usage), delta({ output_tokens: 4 }, 'refusal'), stop)).toMatchObject({
      isFree: true,
    });
    expect(
      await stream(start(usage), block(), text('No'), delta({ output_tokens: 4 }, 'refusal'), stop),
    ).toMatchObject({
      isFree: false,
    });
  });

  it.each(['client_aborted', 'upstream_failed'] as const)(
    'case 14: a stream that ended as %s is estimated by what was seen',
    async (outcome) => {
      const usage = await usageOf({
        chunks: sse([
          start({ input_tokens: 50, cache_read_input_tokens: 7, output_tokens: 1 }),
          block(),
          text('é"\n4567890'),
          text('12345678'),
        ]),
        outcome,
      });
      expect(usage).toMatchObject({
        state: 'estimated',
        parts: [part({ input: 50, cacheRead: 7, output: 4 })],
      });
    },
  );

  it('case 16: an error in mid-stream is estimated, and thinking and tool calls count as text', async () => {
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
    const thinking = {
      type: 'content_block_delta',
      delta: { type: 'thinking_delta', thinking: 'x'.repeat(40) },
    };
    const tool = {
      type: 'content_block_delta',
      delta: { type: 'input_json_delta', partial_json: '{"a":"\\"' },
    };
    const usage = await stream(start({ input_tokens: 5, output_tokens: 1 }), block(), thinking, tool, error);
    expect(usage).toMatchObject({ state: 'estimated', parts: [part({ input: 5, output: 12 })] });
    expect((await stream(error)).state).toBe('estimated');
  });

  it('an error instead of a message has no usage', async () => {
    const error = { type: 'error', error: { type: 'api_error', message: 'x' } };
    expect((await usageOf({ chunks: JSON.stringify(error) })).state).toBe('none');
    expect((await usageOf({ chunks: JSON.stringify(error), status: 529 })).state).toBe('none');
  });

  it.each([
    {},
    { usage: null },
    { usage: { input_tokens: -1 } },
    { usage: { input_tokens: '5' } },
    { usage: { output_tokens: 1.5 } },
  ])('a message with %j is unreadable, and no silent zero', async (message) => {
    expect((await body(message)).state).toBe('unreadable');
  });
});

describe('the cache writes of a message', () => {
  const halves = (short: number | null | undefined, long: number | null | undefined): object => ({
    cache_creation: { ephemeral_5m_input_tokens: short, ephemeral_1h_input_tokens: long },
  });

  it.each([
    ['case 9: both halves', 30, halves(10, 20), 10, 20, 'measured'],
    ['case 10: the 5-minute half alone', 30, halves(10, undefined), 10, 20, 'measured'],
    ['case 10: the 1-hour half alone', 30, halves(null, 20), 10, 20, 'measured'],
    ['a sum alone', 30, {}, 30, 0, 'measured'],
    ['a sum and null', 30, { cache_creation: null }, 30, 0, 'measured'],
    ['halves alone', undefined, halves(10, 20), 10, 20, 'measured'],
    ['halves of nothing', 30, halves(0, 0), 30, 0, 'estimated'],
  ])('%s', async (_, total, creation, cacheWrite5m, cacheWrite1h, state) => {
    const usage = { input_tokens: 1, output_tokens: 2, cache_creation_input_tokens: total, ...creation };
    expect(await body({ usage })).toMatchObject({
      state,
      parts: [part({ input: 1, output: 2, cacheWrite5m, cacheWrite1h })],
    });
  });

  it.each([
    ['in the ratio of the start', halves(10, 30), 80, 20, 60],
    ['in 5 minutes if the start has none', halves(0, 0), 80, 80, 0],
    ['in 1 hour if the start has no other', halves(0, 40), 80, 0, 80],
  ])(
    'that rise in a delta are split %s, and estimated',
    async (_, creation, total, cacheWrite5m, cacheWrite1h) => {
      const first = { input_tokens: 1, cache_creation_input_tokens: 40, output_tokens: 1, ...creation };
      const usage = await stream(
        start(first),
        delta({ cache_creation_input_tokens: total, output_tokens: 2 }),
        stop,
      );
      expect(usage).toMatchObject({
        state: 'estimated',
        parts: [part({ input: 1, output: 2, cacheWrite5m, cacheWrite1h })],
      });
    },
  );

  it('that rise are known if the iterations say their split', async () => {
    const first = { input_tokens: 1, cache_creation_input_tokens: 40, output_tokens: 1, ...halves(40, 0) };
    const iterations = [
      {
        type: 'message',
        input_tokens: 1,
        output_tokens: 1,
        cache_creation_input_tokens: 40,
        ...halves(40, 0),
      },
      {
        type: 'message',
        input_tokens: 2,
        output_tokens: 3,
        cache_creation_input_tokens: 20,
        ...halves(0, 20),
      },
    ];
    const last = { input_tokens: 3, output_tokens: 4, cache_creation_input_tokens: 60, iterations };
    const usage = await stream(start(first), delta(last), stop);
    expect(usage.state).toBe('measured');
    expect(usage.parts).toEqual([
      part({ input: 1, output: 1, cacheWrite5m: 40 }),
      part({ input: 2, output: 3, cacheWrite1h: 20 }),
    ]);
  });
});

describe('the iterations of a message', () => {
  const counts = (input_tokens: number, output_tokens: number): object => ({
    input_tokens,
    output_tokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    cache_creation: null,
  });

  it('case 19: count compaction, and the advisor at its own model', async () => {
    const usage = {
      ...counts(10, 20),
      iterations: [
        { type: 'compaction', ...counts(1000, 50) },
        { type: 'message', model: 'm', ...counts(10, 20) },
        { type: 'advisor_message', model: 'adviser', ...counts(7, 8) },
      ],
    };
    expect(await body({ usage })).toMatchObject({
      state: 'measured',
      model: 'm',
      parts: [
        part({ input: 1000, output: 50 }),
        part({ input: 10, output: 20 }),
        part({ model: 'adviser', input: 7, output: 8 }),
      ],
    });
  });

  it('case 19: leave out a hop that declined without output, and name the model that took over', async () => {
    const iterations = [
      { type: 'message', model: 'm', ...counts(100, 0) },
      { type: 'fallback_message', model: 'second', ...counts(100, 30) },
    ];
    const usage = await stream(
      start(counts(100, 0)),
      block({ type: 'fallback', from: { model: 'm' }, to: { model: 'second' } }),
      block(),
      text('x'),
      delta({ ...counts(100, 30), iterations }),
      stop,
    );
    expect(usage).toMatchObject({ state: 'measured', requestedModel: 'asked', model: 'second' });
    expect(usage.parts).toEqual([part({ model: 'second', input: 100, output: 30 })]);
  });

  it('count a hop that declined in mid-stream at its own model', async () => {
    const iterations = [
      { type: 'message', model: 'm', ...counts(100, 5) },
      { type: 'fallback_message', model: 'second', ...counts(105, 30) },
    ];
    const { parts } = await body({ model: 'second', usage: { ...counts(105, 30), iterations } });
    expect(parts).toEqual([
      part({ input: 100, output: 5 }),
      part({ model: 'second', input: 105, output: 30 }),
    ]);
  });

  it('give way to a sum that is newer', async () => {
    const iterations = [
      { type: 'message', ...counts(1, 0) },
      { type: 'compaction', ...counts(9, 9) },
    ];
    const usage = await stream(start({ ...counts(1, 0), iterations }), delta({ output_tokens: 50 }), stop);
    expect(usage).toMatchObject({
      state: 'estimated',
      parts: [part({ input: 1, output: 50 }), part({ input: 9, output: 9 })],
    });
  });

  it('that an abort hides leave the model of the fallback block', async () => {
    const to = { type: 'fallback', to: { model: 'second' } };
    const usage = await usageOf({
      chunks: sse([start(counts(10, 1)), block(to), block(), text('12345678')]),
      outcome: 'client_aborted',
    });
    expect(usage).toMatchObject({
      state: 'estimated',
      model: 'second',
      parts: [part({ model: 'second', input: 10, output: 2 })],
    });
  });
});
