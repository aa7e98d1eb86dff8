import { shownMessage } from '../../test/support/shown-content';
import { UsageFormat } from '../providers/metered-endpoint';
import { readAnswer } from './read-answer';

const text = (value: string) => ({ type: 'text', text: value });
const other = (value: unknown) => ({ type: 'other', text: JSON.stringify(value, null, 2) });
const stream = (events: readonly unknown[]) =>
  events.map((event) => `event: x\ndata: ${JSON.stringify(event)}\n\n`).join('');

const streamed = (format: UsageFormat, events: readonly unknown[] | string) => {
  const body = typeof events === 'string' ? events : stream(events);
  const answer = readAnswer(format, Buffer.from(body), true);
  return answer && shownMessage(answer);
};
const whole = (format: UsageFormat, body: unknown) => {
  const answer = readAnswer(format, Buffer.from(JSON.stringify(body)), false);
  return answer && shownMessage(answer);
};

describe('an answer that is a document', () => {
  it.each<[UsageFormat, unknown, unknown[]]>([
    ['messages', { type: 'message', content: [text('a'), text('b')] }, [text('a'), text('b')]],
    ['chat_completions', { choices: [{ message: { content: 'a' } }, { message: {} }] }, [text('a')]],
    [
      'responses',
      { error: null, output: [{ type: 'message', content: [{ type: 'output_text', text: 'a' }] }] },
      [text('a')],
    ],
    ['responses', { status: 'failed', output: [], error: { code: 'x' } }, [other({ code: 'x' })]],
    ['generate_content', { candidates: [{ content: { parts: [{ text: 'a' }] } }] }, [text('a')]],
    [
      'generate_content',
      ['a', 'b'].map((one) => ({ candidates: [{ content: { parts: [{ text: one }] } }] })),
      [text('ab')],
    ],
    [
      'generate_content',
      { promptFeedback: { blockReason: 'SAFETY' } },
      [other({ promptFeedback: { blockReason: 'SAFETY' } })],
    ],
    ['messages', { type: 'error', error: { type: 'x' } }, [other({ type: 'error', error: { type: 'x' } })]],
    ['chat_completions', { error: { code: 'x' } }, [other({ error: { code: 'x' } })]],
    ['responses', { error: { code: 'x' } }, [other({ error: { code: 'x' } })]],
    ['generate_content', { error: { code: 400 } }, [other({ error: { code: 400 } })]],
    ['messages', { content: 5 }, [other({ content: 5 })]],
    ['chat_completions', [], [other([])]],
    ['responses', null, [other(null)]],
    ['generate_content', 'x', [other('x')]],
  ])('of %s is read: %j', (format, body, expected) =>
    expect(whole(format, body)).toEqual(['assistant', ...expected]),
  );

  it.each<[UsageFormat, string]>([
    ['messages', '<html>'],
    ['messages', ''],
    ['none', '{}'],
    ['batch_results', '{}'],
  ])('of %s is none: %s', (format, body) =>
    expect(readAnswer(format, Buffer.from(body), false)).toBeUndefined(),
  );
});

describe('a stream of Anthropic’s Messages API', () => {
  const start = (index: number, content_block: object) => ({
    type: 'content_block_start',
    index,
    content_block,
  });
  const delta = (index: number, type: string, value: object) => ({
    type: 'content_block_delta',
    index,
    delta: { type, ...value },
  });
  const events = [
    { type: 'message_start', message: { role: 'assistant', content: [] } },
    start(0, { type: 'thinking', thinking: '', signature: '' }),
    delta(0, 'thinking_delta', { thinking: 'H' }),
    { type: 'ping' },
    delta(0, 'thinking_delta', { thinking: 'm' }),
    delta(0, 'signature_delta', { signature: 'xyz' }),
    { type: 'content_block_stop', index: 0 },
    start(1, { type: 'text', text: '' }),
    start(2, { type: 'tool_use', id: 't1', name: 'Read', input: {} }),
    delta(1, 'text_delta', { text: 'Hellö' }),
    delta(2, 'input_json_delta', { partial_json: '' }),
    delta(2, 'input_json_delta', { partial_json: '{"pa' }),
    delta(1, 'text_delta', { text: ' you' }),
    delta(2, 'input_json_delta', { partial_json: 'th":1}' }),
    start(3, { type: 'tool_use', id: 't2', name: 'List', input: {} }),
    start(4, { type: 'web_search_tool_result', tool_use_id: 't3', content: [text('found')] }),
    { type: 'message_delta', delta: { stop_reason: 'tool_use' } },
    { type: 'message_stop' },
  ];
  const thinking = { type: 'thinking', text: 'Hm' };
  const tool = { type: 'tool_use', name: 'Read', tool_use_id: 't1' };

  it('is put together', () =>
    expect(streamed('messages', events)).toEqual([
      'assistant',
      thinking,
      text('Hellö you'),
      { ...tool, input: '{\n  "path": 1\n}' },
      { type: 'tool_use', name: 'List', tool_use_id: 't2', input: '{}' },
      { type: 'tool_result', tool_use_id: 't3', text: 'found' },
    ]));

  it('that broke off gives what there was', () => {
    const part = ['assistant', thinking, text('Hellö you'), { ...tool, input: '{"pa' }];
    const bytes = Buffer.from(stream(events.slice(0, 14)));
    for (const cut of [3, 9, 40]) {
      const answer = readAnswer('messages', bytes.subarray(0, bytes.length - cut), true);
      expect(shownMessage(answer!)).toEqual(part);
    }
    const within = bytes.indexOf('ö') + 1;
    expect(shownMessage(readAnswer('messages', bytes.subarray(0, within), true)!)).toEqual([
      'assistant',
      thinking,
      text(''),
      { ...tool, input: '{}' },
    ]);
    expect(streamed('messages', events.slice(0, 1))).toEqual(['assistant']);
  });

  it('that broke off with an error shows it', () => {
    const error = { type: 'error', error: { type: 'overloaded_error' } };
    expect(streamed('messages', [...events.slice(0, 5), error])).toEqual([
      'assistant',
      thinking,
      other(error),
    ]);
  });

  it('has blocks for deltas that none was begun for', () =>
    expect(
      streamed('messages', [
        delta(7, 'text_delta', { text: 'a' }),
        delta(8, 'input_json_delta', { partial_json: '1' }),
        delta(9, '__proto__', { text: 'a' }),
        { type: 'content_block_delta', delta: 5 },
        { type: 'content_block_start', index: 1, content_block: null },
        5,
      ]),
    ).toEqual(['assistant', text('a'), { type: 'tool_use', input: '1' }]));
});

describe('a stream of OpenAI’s Chat Completions API', () => {
  const chunk = (delta: object, index = 0) => ({ choices: [{ index, delta, finish_reason: null }] });
  const call = (index: number, id: string | undefined, tool: object) =>
    chunk({ tool_calls: [{ index, id, function: tool }] });
  const events = [
    chunk({ role: 'assistant', content: '' }),
    chunk({ reasoning_content: 'H' }),
    chunk({ reasoning_content: 'm' }),
    chunk({ content: 'a' }),
    chunk({ content: 'x' }, 1),
    chunk({ content: 'b' }),
    call(0, 'c1', { name: 'f', arguments: '' }),
    call(1, 'c2', { name: 'g', arguments: '{"b' }),
    call(0, undefined, { arguments: '{"a":' }),
    call(0, undefined, { arguments: '1}' }),
    { choices: [] },
  ];
  const start = ['assistant', { type: 'thinking', text: 'Hm' }, text('ab')];

  it('is put together, with what there was of a call that broke off', () =>
    expect(streamed('chat_completions', `${stream(events)}data: [DONE]\n\n`)).toEqual([
      ...start,
      { type: 'tool_use', name: 'f', tool_use_id: 'c1', input: '{\n  "a": 1\n}' },
      { type: 'tool_use', name: 'g', tool_use_id: 'c2', input: '{"b' },
    ]));

  it('that broke off with an error shows it', () => {
    const error = { error: { message: 'x' } };
    expect(streamed('chat_completions', [...events.slice(0, 6), error])).toEqual([...start, other(error)]);
  });

  it('passes over what has a wrong type', () =>
    expect(
      streamed('chat_completions', [
        { choices: 5 },
        chunk({ content: 5, tool_calls: ['x', { function: 5, id: 'c' }], function_call: { name: 'f' } }),
        { choices: [{ delta: null }, null] },
      ]),
    ).toEqual([
      'assistant',
      { type: 'tool_use', tool_use_id: 'c', input: '' },
      { type: 'tool_use', name: 'f', input: '' },
    ]));
});

describe('a stream of OpenAI’s Responses API', () => {
  const item = (output_index: number, value: object, state = 'added') => ({
    type: `response.output_item.${state}`,
    output_index,
    item: value,
  });
  const delta = (output_index: number, kind: string, value: string, more: object = {}) => ({
    type: `response.${kind}.delta`,
    output_index,
    delta: value,
    ...more,
  });
  const message = (value: string) => ({
    type: 'message',
    role: 'assistant',
    content: value === '' ? [] : [{ type: 'output_text', text: value }],
  });
  const events = [
    { type: 'response.created', response: { output: [] } },
    item(0, { type: 'reasoning', summary: [] }),
    delta(0, 'reasoning_summary_text', 'H', { summary_index: 0 }),
    delta(0, 'reasoning_summary_text', 'm', { summary_index: 0 }),
    delta(0, 'reasoning_summary_text', 'Ah', { summary_index: 1 }),
    item(1, message('')),
    delta(1, 'output_text', 'a', { content_index: 0 }),
    delta(1, 'output_text', 'b', { content_index: 0 }),
    item(2, { type: 'function_call', call_id: 'c1', name: 'f', arguments: '' }),
    delta(2, 'function_call_arguments', '{"a'),
    delta(2, 'function_call_arguments', '":1'),
  ];
  const thinking = { type: 'thinking', text: 'Hm\nAh' };
  const call = { type: 'tool_use', name: 'f', tool_use_id: 'c1' };

  it('is its last event', () =>
    expect(
      streamed('responses', [
        ...events,
        { type: 'response.completed', response: { output: [message('z')] } },
      ]),
    ).toEqual(['assistant', text('z')]));

  it('is the items that passed if the last event has none', () =>
    expect(
      streamed('responses', [
        ...events,
        item(1, message('abc'), 'done'),
        { type: 'response.completed', response: { output: [] } },
      ]),
    ).toEqual(['assistant', thinking, text('abc'), { ...call, input: '{"a":1' }]));

  it('that broke off gives what there was', () =>
    expect(streamed('responses', stream(events).slice(0, -20))).toEqual([
      'assistant',
      thinking,
      text('ab'),
      { ...call, input: '{"a' },
    ]));

  it('that failed shows the error', () => {
    const failed = { type: 'response.failed', response: { output: [], error: { code: 'x' } } };
    expect(streamed('responses', [...events.slice(0, 5), failed])).toEqual([
      'assistant',
      thinking,
      other({ code: 'x' }),
    ]);
    const error = { type: 'error', code: 'x' };
    expect(streamed('responses', [error])).toEqual(['assistant', other(error)]);
  });
});

describe('a stream of Gemini’s API', () => {
  const event = (...parts: unknown[]) => ({ candidates: [{ content: { role: 'model', parts } }] });
  const events = [
    event({ text: 'H', thought: true }),
    event({ text: 'm', thought: true }),
    event({ text: 'a' }, { text: 'b' }),
    event({ text: 'c' }),
    event({ functionCall: { name: 'f', args: { a: 1 } } }),
    event({ text: 'd', thoughtSignature: 'x' }),
    { candidates: [{ finishReason: 'STOP' }], usageMetadata: {} },
  ];
  const blocks = [
    { type: 'thinking', text: 'Hm' },
    text('abc'),
    { type: 'tool_use', name: 'f', input: '{\n  "a": 1\n}' },
    text('d'),
  ];

  it('is put together', () => expect(streamed('generate_content', events)).toEqual(['assistant', ...blocks]));

  it('that broke off gives what there was', () =>
    expect(streamed('generate_content', stream(events.slice(0, 4)).slice(0, -8))).toEqual([
      'assistant',
      blocks[0],
      text('ab'),
    ]));

  it('that was refused shows why', () => {
    const refused = { promptFeedback: { blockReason: 'SAFETY' } };
    expect(streamed('generate_content', [refused])).toEqual(['assistant', other(refused)]);
  });
});

describe('an answer whose head says something else', () => {
  const error = { type: 'error', error: { type: 'x' } };
  it('is read all the same', () => {
    expect(streamed('messages', JSON.stringify(error))).toEqual(['assistant', other(error)]);
    const answer = readAnswer('messages', Buffer.from(stream([error])), false);
    expect(answer && shownMessage(answer)).toEqual(['assistant', other(error)]);
  });
});

describe('a stream without an event', () => {
  it.each(['', ': hello\n\n', '<html>', 'data: [DONE]\n\n', 'data: {"type":"content_bl'])(
    'is none: %j',
    (body) => expect(streamed('messages', body)).toBeUndefined(),
  );
});
