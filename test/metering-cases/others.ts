import { sse } from '../support/metered';
import { MeteredExchange } from '../support/metered-server';
import { Expected, Line, MeteringCase } from './case';

const GPT = 'gpt-5'; // USD for a million: 1.25, read 0.125, output 10
const SOL = 'gpt-5.6-sol'; // since 21 August 2026: 4, written 5, read 0.4, output 20
const GEMINI = 'gemini-2.5-pro'; // 1.25, read 0.125, output 10

type More = Partial<MeteredExchange>;

const MISTAKE_4 = 'cached tokens not subtracted from input that includes them, or added to it';
const MISTAKE_16 = 'a stream that failed booked as success';
const MISTAKE_21 = 'reasoning tokens added to the output, or left out where they are on top of it';

/** Of 100 input tokens 60 were cached; the output is 50 tokens, of which 40 were thought. */
const lines = (model: string): readonly Line[] => [
  ['input', model, 40, '1.25', '1', '0.00005'],
  ['cache_read', model, 60, '0.125', '1', '0.0000075'],
  ['output', model, 50, '10', '1', '0.0005'],
];
const ordinary = (model: string, more = {}): Expected => ({
  ...{ state: 'measured', tokens: [40, 60, 0, 0, 50], usd: '0.0005575', lines: lines(model) },
  more: { thinking_tokens: 40, ...more },
});

const RESPONSE_USAGE = {
  ...{ input_tokens: 100, input_tokens_details: { cached_tokens: 60 } },
  ...{ output_tokens: 50, output_tokens_details: { reasoning_tokens: 40 }, total_tokens: 150 },
};
const response = (id: string, rest: object): object => ({
  ...{ id, object: 'response', model: GPT, service_tier: 'default', status: 'completed', error: null },
  ...{ output: [{ type: 'message', content: [{ type: 'output_text', text: '12345678' }] }], ...rest },
});
const created = (id: string): object => ({
  ...{ type: 'response.created', response: response(id, { status: 'in_progress', usage: null }) },
});
const said = { type: 'response.output_text.delta', delta: '12345678', logprobs: [] };

const responses = (contentType: string, answer: string, more: More = {}): MeteredExchange => ({
  provider: 'openai',
  path: '/v1/responses',
  request: JSON.stringify({ model: GPT, input: 'hi' }),
  headers: { 'content-type': contentType },
  chunks: [answer],
  ...more,
});
const responseStream = (events: readonly object[], more: More = {}): MeteredExchange =>
  responses('text/event-stream', sse(events), more);
const responseBody = (id: string, rest: object, more: More = {}): MeteredExchange =>
  responses('application/json', JSON.stringify(response(id, rest)), more);

const CHAT_USAGE = {
  ...{ prompt_tokens: 100, prompt_tokens_details: { cached_tokens: 60 } },
  ...{ completion_tokens: 50, completion_tokens_details: { reasoning_tokens: 40 }, total_tokens: 150 },
};
const chunk = (rest: object): object => ({
  ...{ id: 'chatcmpl_1', object: 'chat.completion.chunk', model: GPT, ...rest },
});
const choice = (given: object, finish_reason: string | null = null): object =>
  chunk({ choices: [{ index: 0, delta: given, finish_reason }], usage: null });
const CHAT = [
  choice({ role: 'assistant', content: '' }),
  choice({ content: '12345678' }),
  choice({}, 'stop'),
];

const chat = (events: readonly (object | string)[], more: More = {}): MeteredExchange => ({
  provider: 'openai',
  path: '/v1/chat/completions',
  request: JSON.stringify({ model: GPT, stream: true, messages: [] }),
  headers: { 'content-type': 'text/event-stream' },
  chunks: [sse(events)],
  ...more,
});

const gemini = (usage: object, finishReason: string | undefined): object => ({
  candidates: [{ content: { parts: [{ text: '12345678' }], role: 'model' }, finishReason }],
  usageMetadata: usage,
  ...{ modelVersion: GEMINI, responseId: 'gen_1' },
});
const GEMINI_USAGE = {
  ...{ promptTokenCount: 100, cachedContentTokenCount: 60 },
  ...{ candidatesTokenCount: 10, thoughtsTokenCount: 40, totalTokenCount: 150 },
};
const generate = (events: readonly object[]): MeteredExchange => ({
  provider: 'gemini',
  path: `/v1beta/models/${GEMINI}:streamGenerateContent?alt=sse`,
  request: JSON.stringify({ contents: [] }),
  headers: { 'content-type': 'text/event-stream' },
  chunks: [sse(events)],
});

/** A floor of the eight characters that were said. */
const floor = (more: Expected['more']): Expected => ({
  ...{ state: 'estimated', tokens: [0, 0, 0, 0, 2], usd: '0.00002' },
  more,
  lines: [['output', GPT, 2, '10', '1', '0.00002']],
});

/** The cases of the other providers. */
export const OTHER_CASES: readonly MeteringCase[] = [
  {
    number: 4,
    mistake: MISTAKE_4,
    as: 'OpenAI Responses',
    exchange: responseBody('resp_4', { usage: RESPONSE_USAGE }),
    expected: ordinary(GPT, { message_id: 'resp_4', endpoint: 'responses' }),
  },
  {
    number: 4,
    mistake: MISTAKE_4,
    as: 'OpenAI Responses with cache writes',
    exchange: responseBody('resp_4w', {
      model: SOL,
      usage: {
        ...{ input_tokens: 100, input_tokens_details: { cached_tokens: 60, cache_write_tokens: 30 } },
        output_tokens: 50,
      },
    }),
    expected: {
      state: 'measured',
      tokens: [10, 60, 30, 0, 50],
      usd: '0.001214',
      lines: [
        ['input', SOL, 10, '4', '1', '0.00004'],
        ['cache_read', SOL, 60, '0.4', '1', '0.000024'],
        ['cache_write_5m', SOL, 30, '5', '1', '0.00015'],
        ['output', SOL, 50, '20', '1', '0.001'],
      ],
    },
  },
  {
    number: 4,
    mistake: MISTAKE_4,
    as: 'OpenAI Chat',
    exchange: chat([...CHAT, chunk({ choices: [], usage: CHAT_USAGE }), '[DONE]']),
    expected: ordinary(GPT, { endpoint: 'chat.completions' }),
  },
  {
    number: 4,
    mistake: MISTAKE_4,
    as: 'Gemini',
    exchange: generate([
      gemini({ promptTokenCount: 100, candidatesTokenCount: 1, totalTokenCount: 101 }, undefined),
      gemini(GEMINI_USAGE, 'STOP'),
    ]),
    expected: ordinary(GEMINI, { endpoint: 'generate_content' }),
  },
  {
    number: 14,
    mistake: 'the client aborts, and there is no row',
    as: 'OpenAI Responses',
    exchange: responseStream([created('resp_14'), said], { end: 'never', leavesAfter: 100 }),
    expected: floor({ outcome: 'client_aborted' }),
  },
  {
    number: 16,
    mistake: MISTAKE_16,
    as: 'OpenAI Responses',
    exchange: responseStream([
      ...[created('resp_16'), said],
      { type: 'error', code: 'server_error', message: 'x', param: null },
    ]),
    expected: floor({ message_id: 'resp_16' }),
  },
  {
    number: 16,
    mistake: MISTAKE_16,
    as: 'OpenAI Responses that say what they used',
    exchange: responseStream([
      ...[created('resp_16u'), said],
      {
        type: 'response.failed',
        response: response('resp_16u', { status: 'failed', usage: RESPONSE_USAGE }),
      },
    ]),
    expected: ordinary(GPT, { stop_reason: 'failed' }),
  },
  {
    number: 16,
    mistake: MISTAKE_16,
    as: 'OpenAI Chat that does not say what it used',
    exchange: chat([...CHAT, '[DONE]']),
    expected: floor({ stop_reason: 'stop' }),
  },
  {
    number: 17,
    mistake: 'the asked tier priced instead of the served one',
    as: 'OpenAI',
    exchange: responseBody(
      'resp_17',
      { service_tier: 'flex', usage: { input_tokens: 1000, output_tokens: 100 } },
      { request: JSON.stringify({ model: GPT, service_tier: 'priority', input: 'hi' }) },
    ),
    expected: {
      state: 'measured',
      tokens: [1000, 0, 0, 0, 100],
      usd: '0.001125',
      lines: [
        ['input', GPT, 1000, '1.25', '0.5', '0.000625'],
        ['output', GPT, 100, '10', '0.5', '0.0005'],
      ],
    },
  },
  {
    number: 21,
    mistake: MISTAKE_21,
    as: 'OpenAI Responses',
    exchange: responseStream([
      ...[created('resp_21'), said],
      { type: 'response.completed', response: response('resp_21', { usage: RESPONSE_USAGE }) },
    ]),
    expected: ordinary(GPT),
  },
  {
    number: 21,
    mistake: MISTAKE_21,
    as: 'Gemini, whose thoughts are on top',
    exchange: generate([gemini({ ...GEMINI_USAGE, candidatesTokenCount: 10 }, 'STOP')]),
    expected: ordinary(GEMINI),
  },
  {
    number: 22,
    mistake: 'a new point release priced as its base',
    as: 'OpenAI',
    exchange: responseBody('resp_22', { model: 'gpt-5.9', usage: RESPONSE_USAGE }),
    expected: { state: 'measured', tokens: [40, 60, 0, 0, 50], usd: null, lines: [] },
  },
  {
    number: 23,
    mistake: 'an unknown model costs 0',
    as: 'OpenRouter, which says what it bills',
    exchange: chat(
      [...CHAT, chunk({ model: 'nobody/knows', choices: [], usage: { ...CHAT_USAGE, cost: 0.00012345 } })],
      { provider: 'openrouter', path: '/v1/chat/completions' },
    ),
    expected: {
      ...{ state: 'measured', tokens: [40, 60, 0, 0, 50], usd: '0.00012345' },
      lines: [['reported', 'nobody/knows', 1, null, '1', '0.00012345']],
    },
  },
];

const fetched = (id: string): MeteredExchange =>
  responseBody(id, { usage: RESPONSE_USAGE }, { method: 'GET', path: `/v1/responses/${id}`, request: '' });

/** A response that is requested, and then fetched again, which is one bill. */
export const FETCHED_AGAIN = [
  responseBody('resp_24', { usage: RESPONSE_USAGE }),
  fetched('resp_24'),
] as const;
export const FETCHED_ONCE = ordinary(GPT);
