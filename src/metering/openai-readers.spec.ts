import { part, sse, usageOf, usagesOf } from '../../test/support/metered';

describe('the usage of a response', () => {
  const usage = {
    input_tokens: 100,
    input_tokens_details: { cached_tokens: 60, cache_write_tokens: 10 },
    output_tokens: 50,
    output_tokens_details: { reasoning_tokens: 40 },
    total_tokens: 150,
  };
  const response = (rest: object): object => ({
    ...{
      id: 'resp_1',
      object: 'response',
      model: 'm',
      service_tier: 'flex',
      status: 'completed',
      error: null,
    },
    ...{ output: [{ content: [{ text: 'a "usage": {"input_tokens": 9}' }] }] },
    ...rest,
  });
  const created = { type: 'response.created', response: response({ status: 'in_progress', usage: null }) };
  const written = { type: 'response.output_text.delta', delta: '12345678', logprobs: [] };
  const measured = {
    state: 'measured',
    requestedModel: 'asked',
    model: 'm',
    parts: [part({ input: 30, cacheRead: 60, cacheWrite5m: 10, output: 50 })],
    thinkingTokens: 40,
    served: { serviceTier: 'flex' },
    messageId: 'resp_1',
    billedOnceKey: 'resp_1',
  };
  const body = (rest: object) => usageOf({ format: 'responses', chunks: JSON.stringify(response(rest)) });

  it('cases 4, 21: has cached input subtracted, reasoning inside the output, and a key for later requests', async () => {
    expect(await body({ usage })).toMatchObject({ ...measured, stopReason: 'completed' });
  });

  it.each(['completed', 'incomplete', 'failed'])('stands in the event that says it is %s', async (status) => {
    const last = { type: `response.${status}`, response: response({ status, usage }) };
    const chunks = sse([created, written, last]);
    expect(await usageOf({ format: 'responses', chunks })).toMatchObject({ ...measured, stopReason: status });
  });

  it('is found in events without a type of their own', async () => {
    const last = { type: 'response.completed', response: response({ usage }) };
    const chunks = `data: ${JSON.stringify(created)}\n\ndata: ${JSON.stringify(written)}\n\ndata: ${JSON.stringify(last)}\n\n`;
    expect(await usageOf({ format: 'responses', chunks })).toMatchObject(measured);
  });

  it('says why a response is incomplete', async () => {
    const incomplete = { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' }, usage };
    expect(await body(incomplete)).toMatchObject({ ...measured, stopReason: 'max_output_tokens' });
  });

  it('is a floor if the stream was cut or failed', async () => {
    const floor = { state: 'estimated', model: 'm', parts: [part({ output: 2 })], messageId: 'resp_1' };
    const chunks = sse([created, written]);
    expect(await usageOf({ format: 'responses', chunks, outcome: 'client_aborted' })).toMatchObject(floor);
    const failed = sse([created, written, { type: 'error', code: 'server_error', message: 'x' }]);
    expect(await usageOf({ format: 'responses', chunks: failed })).toMatchObject(floor);
  });

  it.each([
    ['queued', 'none', undefined],
    ['in_progress', 'none', undefined],
    ['failed', 'none', undefined],
    ['cancelled', 'estimated', 'resp_1'],
    ['completed', 'unreadable', undefined],
  ])('of a %s one without usage is %s', async (status, state, billedOnceKey) => {
    expect(await body({ status, usage: null })).toMatchObject({ state, billedOnceKey });
  });

  it('case 3: is not clamped to zero where more is cached than the sum says, but called a guess', async () => {
    const odd = { input_tokens: 10, input_tokens_details: { cached_tokens: 60 }, output_tokens: 1 };
    expect(await body({ usage: odd })).toMatchObject({
      state: 'estimated',
      parts: [part({ input: 10, cacheRead: 60, output: 1 })],
    });
  });
});

describe('the usage of a chat completion', () => {
  const usage = {
    prompt_tokens: 100,
    prompt_tokens_details: { cached_tokens: 60 },
    completion_tokens: 50,
    completion_tokens_details: { reasoning_tokens: 40 },
    total_tokens: 150,
  };
  const chunk = (rest: object): object => ({
    ...{ id: 'chatcmpl_1', object: 'chat.completion.chunk', model: 'm', service_tier: 'default' },
    ...rest,
  });
  const choice = (delta: object, finish_reason: string | null = null): object =>
    chunk({ choices: [{ index: 0, delta, finish_reason }], usage: null });
  const said = [choice({ role: 'assistant', content: '' }), choice({ content: '1234\\u20ac678' })];
  const finished = choice({}, 'stop');
  const last = chunk({ choices: [], usage });
  const read = (chunks: string, more: object = {}) =>
    usageOf({ format: 'chat_completions', chunks, ...more });
  const measured = {
    state: 'measured',
    requestedModel: 'asked',
    model: 'm',
    parts: [part({ input: 40, cacheRead: 60, output: 50 })],
    thinkingTokens: 40,
    served: { serviceTier: 'default' },
    messageId: 'chatcmpl_1',
    stopReason: 'stop',
    billedOnceKey: undefined,
    billedUsd: undefined,
  };

  it('cases 4, 21: has cached input subtracted and reasoning inside the output', async () => {
    const choices = [{ message: { content: 'x' }, finish_reason: 'stop' }];
    expect(await read(JSON.stringify(chunk({ choices, usage })))).toMatchObject(measured);
    expect(await read(sse([...said, finished, last, '[DONE]']))).toMatchObject(measured);
  });

  it('without include_usage is estimated by the text', async () => {
    expect(await read(sse([...said, finished, '[DONE]']))).toMatchObject({
      state: 'estimated',
      parts: [part({ output: 3 })],
      stopReason: 'stop',
    });
  });

  it('of a stream that says it in every chunk is estimated until the stream is over', async () => {
    const running = chunk({
      choices: [{ delta: { content: 'x' } }],
      usage: { prompt_tokens: 9, completion_tokens: 1 },
    });
    expect(await read(sse([running]), { outcome: 'client_aborted' })).toMatchObject({
      state: 'estimated',
      parts: [part({ input: 9, output: 1 })],
    });
  });

  it('case 16: of a stream with an error is estimated', async () => {
    expect(await read(sse([...said, { error: { code: 502, message: 'x' } }]))).toMatchObject({
      state: 'estimated',
    });
    const error = JSON.stringify({ error: { code: 502, message: 'x' } });
    expect(await read(error)).toMatchObject({ state: 'none' });
  });

  it('counts reasoning on top where the total says so', async () => {
    const onTop = {
      prompt_tokens: 1,
      completion_tokens: 2,
      total_tokens: 10,
      completion_tokens_details: { reasoning_tokens: 7 },
    };
    expect(await read(JSON.stringify(chunk({ usage: onTop })))).toMatchObject({
      parts: [part({ input: 1, output: 9 })],
    });
  });

  it('of embeddings is their input', async () => {
    const embeddings = {
      object: 'list',
      data: [{ embedding: [0.1] }],
      model: 'm',
      usage: { prompt_tokens: 8, total_tokens: 8 },
    };
    expect(await read(JSON.stringify(embeddings))).toMatchObject({
      state: 'measured',
      parts: [part({ input: 8 })],
    });
  });

  it('of OpenRouter has the cost that is billed', async () => {
    const call = { reportsCost: true };
    const paid = chunk({ choices: [], usage: { ...usage, cost: 0.00000123 } });
    expect(await read(sse([...said, finished, paid, '[DONE]']), { call })).toMatchObject({
      ...measured,
      billedUsd: '0.00000123',
    });
    const message = {
      id: 'gen_1',
      model: 'm',
      content: [{}],
      usage: { input_tokens: 1, output_tokens: 2, cost: 0.5 },
    };
    expect(await usageOf({ chunks: JSON.stringify(message), call })).toMatchObject({ billedUsd: '0.5' });
    const response = {
      id: 'gen_2',
      model: 'm',
      status: 'completed',
      usage: { input_tokens: 1, output_tokens: 2, cost: '12' },
    };
    expect(await usageOf({ format: 'responses', chunks: JSON.stringify(response), call })).toMatchObject({
      billedUsd: '12',
    });
  });
});

describe('the usage of generated content', () => {
  const usageMetadata = {
    promptTokenCount: 100,
    cachedContentTokenCount: 60,
    toolUsePromptTokenCount: 5,
    candidatesTokenCount: 20,
    thoughtsTokenCount: 30,
    totalTokenCount: 155,
  };
  const chunk = (text: string, usage: object | undefined, finishReason?: string): object => ({
    candidates: [{ content: { parts: [{ text }, { text }], role: 'model' }, finishReason, index: 0 }],
    usageMetadata: usage,
    modelVersion: 'm',
    responseId: 'r1',
  });
  const chunks = [
    chunk('1234', { promptTokenCount: 100, candidatesTokenCount: 2 }),
    chunk('5678', { promptTokenCount: 100, candidatesTokenCount: 3 }),
    chunk('', usageMetadata, 'STOP'),
  ];
  const call = { model: 'g' };
  const read = (text: string, more: object = {}) =>
    usageOf({ format: 'generate_content', call, chunks: text, ...more });
  const measured = {
    state: 'measured',
    requestedModel: 'g',
    model: 'm',
    parts: [part({ input: 45, cacheRead: 60, output: 50 })],
    thinkingTokens: 30,
    messageId: 'r1',
    stopReason: 'STOP',
  };

  it('is the last one of a stream, with cached input subtracted and thoughts on top', async () => {
    expect(await read(sse(chunks))).toMatchObject(measured);
    expect(await read(JSON.stringify(chunks[2]))).toMatchObject(measured);
    expect(await read(JSON.stringify(chunks), { contentType: 'application/json' })).toMatchObject(measured);
  });

  it('is a floor if the stream was cut', async () => {
    const cut = { outcome: 'client_aborted' };
    const floor = { state: 'estimated', parts: [part({ input: 100, output: 4 })] };
    expect(await read(sse(chunks.slice(0, 2)), cut)).toMatchObject(floor);
    const list = JSON.stringify(chunks.slice(0, 2)).slice(0, -1);
    expect(await read(list, { ...cut, contentType: 'application/json' })).toMatchObject({
      state: 'estimated',
      parts: [part({ input: 100, output: 3 })],
    });
  });

  it('of a prompt that was blocked is measured', async () => {
    const blocked = {
      promptFeedback: { blockReason: 'SAFETY' },
      usageMetadata: { promptTokenCount: 7 },
      modelVersion: 'm',
    };
    expect(await read(JSON.stringify(blocked))).toMatchObject({
      state: 'measured',
      stopReason: 'SAFETY',
      parts: [part({ input: 7 })],
    });
  });

  it('is unreadable if there is none, and none in an error', async () => {
    expect(await read(JSON.stringify(chunk('x', undefined, 'STOP')))).toMatchObject({ state: 'unreadable' });
    expect(await read(JSON.stringify({ error: { code: 400 } }))).toMatchObject({ state: 'none' });
  });
});

describe('the usage of the results of a batch', () => {
  const line = (custom_id: string, result: object): string => JSON.stringify({ custom_id, result });
  const message = (rest: object = {}): object => ({
    ...{ id: 'msg_1', model: 'm', content: [{ type: 'text', text: 'x' }], stop_reason: 'end_turn' },
    ...{ usage: { input_tokens: 5, output_tokens: 7, service_tier: null } },
    ...rest,
  });
  const succeeded = (rest?: object): object => ({ type: 'succeeded', message: message(rest) });
  const read = (text: string) =>
    usagesOf({
      format: 'batch_results',
      call: { batchId: 'b1' },
      contentType: 'application/x-jsonl',
      chunks: text,
    });

  it('case 24: is one for each message, at the tier of batches, with a key for the next download', async () => {
    const text = [
      line('one', succeeded()),
      line('two', { type: 'errored', error: {} }),
      '',
      line('three', succeeded({ content: [], stop_reason: 'refusal' })),
    ].join('\n');
    const usage = {
      state: 'measured',
      model: 'm',
      parts: [part({ input: 5, output: 7 })],
      served: { serviceTier: 'batch' },
    };
    const expected = [
      { ...usage, billedOnceKey: 'b1/one', isFree: false },
      { ...usage, billedOnceKey: 'b1/three', isFree: true },
    ];
    expect(await read(text)).toMatchObject(expected);
    expect(await read(`${text}\r\n`)).toMatchObject(expected);
  });

  it('leaves out a last line that was cut, and says of another one that it is unreadable', async () => {
    const text = `${line('one', succeeded())}\n${line('two', succeeded())}`;
    expect(await read(text.slice(0, -9))).toMatchObject([{ billedOnceKey: 'b1/one' }]);
    const states = await read(`{"custom_id":\n${text}`);
    expect(states.map(({ state }) => state)).toEqual(['measured', 'measured', 'unreadable']);
  });

  it('reads a line of any size', async () => {
    const large = succeeded({ content: [{ type: 'text', text: 'x'.repeat(3e6) }] });
    expect(await read(`${line('one', large)}\n${line('two', succeeded())}\n`)).toMatchObject([
      { state: 'measured', billedOnceKey: 'b1/one' },
      { state: 'measured', billedOnceKey: 'b1/two' },
    ]);
  });

  it('is none without results, and unreadable where a message has none that can be understood', async () => {
    expect(await read('')).toMatchObject([{ state: 'none' }]);
    expect(await read(line('one', succeeded({ usage: null })))).toMatchObject([{ state: 'unreadable' }]);
    expect(await read(line('one', succeeded({ usage: { input_tokens: -5 } })))).toMatchObject([
      { state: 'unreadable' },
    ]);
  });
});
