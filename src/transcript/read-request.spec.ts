import { shown, shownMessage } from '../../test/support/shown-content';
import { UsageFormat } from '../providers/metered-endpoint';
import { RequestContent } from './request-content';
import { readRequest } from './read-request';

const read = (format: UsageFormat, body: unknown): RequestContent | undefined =>
  readRequest(format, Buffer.from(JSON.stringify(body)));
const messages = (format: UsageFormat, body: object) => read(format, body)!.messages.map(shownMessage);
const text = (value: string) => ({ type: 'text', text: value });
const pdf = 'data:application/pdf;base64,JVBE';
const PNG = { type: 'image', media_type: 'image/png', data: 'iVBO' };
const SOURCE = { type: 'base64', media_type: 'image/png', data: 'iVBO' };
const PDF = { type: 'document', media_type: 'application/pdf' };
/** What stands there as its JSON. */
const other = (value: unknown) => ({ type: 'other', text: JSON.stringify(value, null, 2) });

type Case = [title: string, item: unknown, expected: unknown[]];

describe('a request of Anthropic’s Messages API', () => {
  it('is read with its model, its system prompt and its tools', () => {
    const request = read('messages', {
      model: 'claude',
      system: [text('You are'), { ...text('brief'), cache_control: { type: 'ephemeral' } }],
      tools: [
        { name: 'Read', description: 'Reads', input_schema: { type: 'object' } },
        { type: 'web_search_20250305', name: 'web_search' },
        5,
      ],
      messages: [],
    });
    expect(request).toMatchObject({ model: 'claude', messages: [], is_continuation: false });
    expect(request?.system.map(shown)).toEqual([text('You are'), text('brief')]);
    expect(request?.tools).toEqual([
      { name: 'Read', description: 'Reads', input_schema: '{\n  "type": "object"\n}' },
      { name: 'web_search', description: null, input_schema: null },
      { name: '', description: '5', input_schema: null },
    ]);
    expect(read('messages', { system: 'Hi', messages: [] })?.system.map(shown)).toEqual([text('Hi')]);
  });

  const result = { type: 'tool_result', tool_use_id: 't1' };
  it.each<Case>([
    ['a text', { role: 'user', content: 'Hi' }, ['user', text('Hi')]],
    ['parts', { role: 'user', content: [text('a'), text('')] }, ['user', text('a'), text('')]],
    ['an image', { role: 'user', content: [{ type: 'image', source: SOURCE }] }, ['user', PNG]],
    [
      'documents',
      {
        role: 'user',
        content: [
          { type: 'document', source: { ...SOURCE, media_type: 'application/pdf' } },
          { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'words' } },
        ],
      },
      ['user', PDF, { type: 'document', media_type: 'text/plain', text: 'words' }],
    ],
    [
      'an image that is elsewhere',
      { role: 'user', content: [{ type: 'image', source: { type: 'url', url: 'https://a.example' } }] },
      ['user', other({ type: 'image', source: { type: 'url', url: 'https://a.example' } })],
    ],
    [
      'thinking and the use of tools',
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'Hm', signature: 'x' },
          { type: 'redacted_thinking', data: 'x' },
          { type: 'tool_use', id: 't1', name: 'Read', input: { path: 'a' } },
          { type: 'server_tool_use', id: 't2', name: 'web_search', input: {} },
        ],
      },
      [
        'assistant',
        { type: 'thinking', text: 'Hm' },
        { type: 'thinking' },
        { type: 'tool_use', name: 'Read', tool_use_id: 't1', input: '{\n  "path": "a"\n}' },
        { type: 'tool_use', name: 'web_search', tool_use_id: 't2', input: '{}' },
      ],
    ],
    [
      'results of tools',
      {
        role: 'user',
        content: [
          { ...result, content: 'done', is_error: true },
          { ...result, content: [text('a'), { type: 'image', source: SOURCE }, text('b')] },
          result,
          { ...result, type: 'web_search_tool_result', content: [{ type: 'web_search_result', url: 'u' }] },
        ],
      },
      [
        'user',
        { ...result, text: 'done', is_error: true },
        { ...result, text: 'a\nb' },
        PNG,
        result,
        result,
        other({ type: 'web_search_result', url: 'u' }),
      ],
    ],
    [
      'a result in a result',
      { role: 'user', content: [{ ...result, content: [{ ...result, content: 'x' }] }] },
      ['user', result, other({ ...result, content: 'x' })],
    ],
    ['a number', 5, ['other', other(5)]],
    ['an object without content', { role: 'user' }, ['other', other({ role: 'user' })]],
    ['a role that is none', { role: 5, content: 'Hi' }, ['other', text('Hi')]],
    ['a content of a wrong type', { role: 'user', content: 5 }, ['user', other(5)]],
    [
      'parts of wrong types',
      { role: 'user', content: [null, 'x', { type: 'text', text: 5 }, { type: 5 }, { type: 'thinking' }] },
      [
        'user',
        ...[null, 'x', { type: 'text', text: 5 }, { type: 5 }, { type: 'thinking' }].map((part) =>
          other(part),
        ),
      ],
    ],
  ])('has as a message %s', (_, item, expected) =>
    expect(messages('messages', { messages: [item] })).toEqual([expected]),
  );
});

describe('a request of OpenAI’s Chat Completions API', () => {
  it('is read with its model and its tools', () => {
    const tool = { name: 'f', description: 'F', parameters: {} };
    const custom = { type: 'custom', custom: { name: 'c' } };
    const request = read('chat_completions', {
      model: 'gpt',
      tools: [{ type: 'function', function: tool }, custom],
      functions: [tool],
      messages: [],
    });
    const expected = { name: 'f', description: 'F', input_schema: '{}' };
    expect(request).toMatchObject({ model: 'gpt', system: [] });
    expect(request?.tools).toEqual([
      expected,
      { name: 'c', description: null, input_schema: null },
      expected,
    ]);
  });

  it.each<Case>([
    ['a system prompt', { role: 'system', content: 'Be brief' }, ['system', text('Be brief')]],
    [
      'parts',
      {
        role: 'user',
        content: [
          text('a'),
          { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBO' } },
          { type: 'image_url', image_url: { url: 'https://a.example' } },
          { type: 'file', file: { filename: 'a.pdf', file_data: pdf } },
          { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } },
        ],
      },
      [
        'user',
        text('a'),
        PNG,
        other({ type: 'image_url', image_url: { url: 'https://a.example' } }),
        PDF,
        { type: 'document', media_type: 'audio/wav' },
      ],
    ],
    [
      'reasoning and calls of tools',
      {
        role: 'assistant',
        content: null,
        reasoning_content: 'Hm',
        tool_calls: [
          { id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } },
          { id: 'c2', type: 'custom', custom: { name: 'g', input: 'words' } },
          { id: 'c3' },
        ],
        function_call: { name: 'h', arguments: '{' },
      },
      [
        'assistant',
        { type: 'thinking', text: 'Hm' },
        { type: 'tool_use', name: 'f', tool_use_id: 'c1', input: '{\n  "a": 1\n}' },
        { type: 'tool_use', name: 'g', tool_use_id: 'c2', input: 'words' },
        other({ id: 'c3' }),
        { type: 'tool_use', name: 'h', input: '{' },
      ],
    ],
    ['a refusal', { role: 'assistant', content: null, refusal: 'No' }, ['assistant', text('No')]],
    [
      'the result of a tool',
      { role: 'tool', tool_call_id: 'c1', content: [text('a'), text('b')] },
      ['tool', { type: 'tool_result', tool_use_id: 'c1', text: 'a\nb' }],
    ],
    ['null', null, ['other', other(null)]],
    ['an object without content', { role: 'user' }, ['other', other({ role: 'user' })]],
    ['calls of a wrong type', { content: [], tool_calls: 'x' }, ['other', other('x')]],
  ])('has as a message %s', (_, item, expected) =>
    expect(messages('chat_completions', { messages: [item] })).toEqual([expected]),
  );
});

describe('a request of OpenAI’s Responses API', () => {
  it('is read with its instructions and its tools', () => {
    const request = read('responses', {
      model: 'gpt',
      instructions: 'Be brief',
      tools: [{ type: 'function', name: 'shell', parameters: {} }, { type: 'web_search' }],
      input: 'Hi',
    });
    expect(request).toMatchObject({
      model: 'gpt',
      tools: [{ name: 'shell', input_schema: '{}' }, { name: 'web_search' }],
      is_continuation: false,
    });
    expect(request?.system.map(shown)).toEqual([text('Be brief')]);
    expect(request?.messages.map(shownMessage)).toEqual([['user', text('Hi')]]);
    expect(read('responses', { input: [], previous_response_id: 'r' })?.is_continuation).toBe(true);
    expect(read('responses', { input: [], previous_response_id: null })?.is_continuation).toBe(false);
  });

  const output = { type: 'function_call_output', call_id: 'c1' };
  it.each<Case>([
    ['a text', { role: 'developer', content: 'Hi' }, ['developer', text('Hi')]],
    [
      'parts',
      {
        type: 'message',
        role: 'user',
        content: [
          { type: 'input_text', text: 'a' },
          { type: 'input_image', image_url: 'data:image/png;base64,iVBO' },
          { type: 'input_file', file_data: pdf },
          { type: 'input_file', file_id: 'f' },
          { type: 'refusal', refusal: 'No' },
        ],
      },
      ['user', text('a'), PNG, PDF, other({ type: 'input_file', file_id: 'f' }), text('No')],
    ],
    [
      'a call',
      { type: 'function_call', call_id: 'c1', name: 'shell', arguments: '{"a":1}' },
      ['assistant', { type: 'tool_use', name: 'shell', tool_use_id: 'c1', input: '{\n  "a": 1\n}' }],
    ],
    [
      'a call with a text',
      { type: 'custom_tool_call', call_id: 'c1', name: 'apply_patch', input: '*** Begin' },
      ['assistant', { type: 'tool_use', name: 'apply_patch', tool_use_id: 'c1', input: '*** Begin' }],
    ],
    [
      'a call of a tool that has no name',
      { type: 'local_shell_call', call_id: 'c1', action: {} },
      ['assistant', { type: 'tool_use', name: 'local_shell', tool_use_id: 'c1', input: '{}' }],
    ],
    [
      'an output',
      { ...output, output: 'done' },
      ['tool', { type: 'tool_result', tool_use_id: 'c1', text: 'done' }],
    ],
    [
      'an output of parts',
      {
        ...output,
        output: [
          { type: 'input_text', text: 'a' },
          { type: 'input_image', image_url: 5 },
        ],
      },
      [
        'tool',
        { type: 'tool_result', tool_use_id: 'c1', text: 'a' },
        other({ type: 'input_image', image_url: 5 }),
      ],
    ],
    [
      'reasoning',
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'a' }], content: [{ text: 'b' }, 5] },
      ['assistant', { type: 'thinking', text: 'a\nb' }],
    ],
    [
      'encrypted reasoning',
      { type: 'reasoning', summary: [], encrypted_content: 'x' },
      ['assistant', { type: 'thinking' }],
    ],
    ['a search', { type: 'web_search_call' }, ['assistant', other({ type: 'web_search_call' })]],
    ['a text alone', 'Hi', ['other', other('Hi')]],
    ['an unknown item', { type: 'x', content: 'y' }, ['other', other({ type: 'x', content: 'y' })]],
    ['an empty one', {}, ['other', other({})]],
  ])('has as a message %s', (_, item, expected) =>
    expect(messages('responses', { input: [item] })).toEqual([expected]),
  );
});

describe('a request of Gemini’s API', () => {
  it('is read with its system prompt and its tools, in both spellings', () => {
    const tool = { name: 'f', description: 'F', parameters: {} };
    const request = read('generate_content', {
      systemInstruction: { parts: [{ text: 'Be brief' }] },
      tools: [{ functionDeclarations: [tool, tool] }, { googleSearch: {} }, 5],
      contents: { parts: [{ text: 'Hi' }] },
    });
    expect(request).toMatchObject({ model: null, system: [text('Be brief')] });
    expect(request?.tools.map(({ name }) => name)).toEqual(['f', 'f', 'googleSearch', '']);
    expect(request?.messages.map(shownMessage)).toEqual([['user', text('Hi')]]);
    const other = { system_instruction: { parts: [{ text: 'a' }] }, contents: [] };
    const tools = [{ function_declarations: [tool] }];
    expect(read('generate_content', { ...other, tools })).toMatchObject({
      system: [text('a')],
      tools: [{ name: 'f', description: 'F', input_schema: '{}' }],
    });
  });

  it.each<Case>([
    ['texts', { role: 'user', parts: [{ text: 'a' }, { text: 'b' }] }, ['user', text('a'), text('b')]],
    [
      'a thought and a call',
      {
        role: 'model',
        parts: [{ text: 'Hm', thought: true }, { functionCall: { name: 'f', id: 'c', args: {} } }],
      },
      [
        'assistant',
        { type: 'thinking', text: 'Hm' },
        { type: 'tool_use', name: 'f', tool_use_id: 'c', input: '{}' },
      ],
    ],
    [
      'responses',
      {
        role: 'function',
        parts: [
          { functionResponse: { name: 'f', response: { output: 'done' } } },
          { function_response: { name: 'f', response: { error: 'x' } } },
          { functionResponse: { name: 'f' } },
        ],
      },
      [
        'tool',
        { type: 'tool_result', name: 'f', text: 'done' },
        { type: 'tool_result', name: 'f', text: '{\n  "error": "x"\n}', is_error: true },
        { type: 'tool_result', name: 'f' },
      ],
    ],
    [
      'media',
      {
        parts: [
          { inlineData: { mimeType: 'image/png', data: 'iVBO' } },
          { inline_data: { mime_type: 'application/pdf', data: 'JVBE' } },
          { fileData: { fileUri: 'x' } },
          { inlineData: { mimeType: 'image/png', data: 5 } },
        ],
      },
      [
        'user',
        PNG,
        PDF,
        other({ fileData: { fileUri: 'x' } }),
        other({ inlineData: { mimeType: 'image/png', data: 5 } }),
      ],
    ],
    ['a number', 5, ['other', other(5)]],
    ['parts of wrong types', { parts: [5, { text: 5 }] }, ['user', other(5), other({ text: 5 })]],
  ])('has as a message %s', (_, item, expected) =>
    expect(messages('generate_content', { contents: [item] })).toEqual([expected]),
  );
});

describe('a request that is none', () => {
  it.each<[string, UsageFormat, string]>([
    ['no JSON', 'messages', '{"messages":[{"role"'],
    ['no object', 'messages', '[1]'],
    ['of another shape', 'messages', '{"input":"x"}'],
    ['of another shape', 'chat_completions', '{"messages":{}}'],
    ['of another shape', 'responses', '{"messages":[]}'],
    ['of another shape', 'generate_content', '{"contents":"x"}'],
    ['with members that objects inherit', 'messages', '{"__proto__":{"messages":[]}}'],
    ['of no format', 'none', '{"messages":[]}'],
    ['of batches', 'batch_results', '{"messages":[]}'],
    ['empty', 'messages', ''],
  ])('is not read: %s, %s', (_, format, body) =>
    expect(readRequest(format, Buffer.from(body))).toBeUndefined(),
  );
});
