import { RequestContent } from './request-content';
import { newIn } from './new-content';
import { readRequest } from './read-request';

const message = (content: unknown, role = 'user') => ({ role, content });
const marked = (text: string) => [{ type: 'text', text, cache_control: { type: 'ephemeral' } }];
const BASE = {
  model: 'm',
  system: 'Be brief.',
  tools: [{ name: 'Read' }, { name: 'Edit', cache_control: { type: 'ephemeral' } }],
  messages: [message('one'), message('two', 'assistant'), message('three')],
};
const read = (body: object): RequestContent =>
  readRequest('input' in body ? 'responses' : 'messages', Buffer.from(JSON.stringify(body)))!;
const first = (current: object, previous: object) => newIn(read(current), read(previous)).first_difference;
const header = (cch: string) => [
  { type: 'text', text: `x-anthropic-billing-header: cc_version=2.1.37.fbe; cch=${cch};` },
  { type: 'text', text: 'Be brief.' },
];

describe('what is new in a request', () => {
  it('is all of it when there is none before', () => {
    const { system, tools, messages } = read(BASE);
    expect(newIn(read(BASE), undefined)).toEqual({
      system,
      tools,
      repeated_messages: 0,
      messages,
      first_difference: null,
    });
  });

  it('is what it appends, wherever the marks for the cache have gone', () => {
    const previous = { ...BASE, messages: [...BASE.messages.slice(0, 2), message(marked('three'))] };
    const current = {
      ...BASE,
      system: marked('Be brief.'),
      tools: [BASE.tools[0], { name: 'Edit' }],
      messages: [...BASE.messages, message('four', 'assistant'), message(marked('five'))],
    };
    const added = newIn(read(current), read(previous));
    expect(added).toMatchObject({
      system: null,
      tools: null,
      repeated_messages: 3,
      first_difference: null,
    });
    expect(added.messages.flatMap(({ blocks }) => blocks.map(({ text }) => text))).toEqual(['four', 'five']);
  });

  it('is nothing in a retry', () =>
    expect(newIn(read(BASE), read(BASE))).toEqual({
      system: null,
      tools: null,
      repeated_messages: 3,
      messages: [],
      first_difference: null,
    }));

  it('are the system prompt and the tools, as a whole, if they have changed', () => {
    const current = { ...BASE, system: 'Be long.', tools: [...BASE.tools, { name: 'Bash' }] };
    const added = newIn(read(current), read(BASE));
    expect(added.system).toMatchObject([{ text: 'Be long.' }]);
    expect(added.tools).toHaveLength(3);
    expect(added.repeated_messages).toBe(3);
  });
});

describe('the first difference of a request', () => {
  const [read1, edit] = BASE.tools;
  const [one, two, three] = BASE.messages;
  it.each<[string, object, object | null]>([
    ['another model', { model: 'n', tools: [] }, { part: 'model', index: null, name: null }],
    [
      'a tool that was added',
      { tools: [read1, edit, { name: 'Bash' }] },
      { part: 'tools', index: 2, name: 'Bash' },
    ],
    ['a tool that is gone', { tools: [read1], system: 'x' }, { part: 'tools', index: 1, name: 'Edit' }],
    ['tools in another order', { tools: [edit, read1] }, { part: 'tools', index: 0, name: 'Edit' }],
    ['a changed tool', { tools: [read1, { ...edit, x: 1 }] }, { part: 'tools', index: 1, name: 'Edit' }],
    ['another system prompt', { system: 'x', messages: [] }, { part: 'system', index: 0, name: null }],
    ['no system prompt', { system: undefined }, { part: 'system', index: 0, name: null }],
    [
      'a longer one',
      { system: [...marked('Be brief.'), ...marked('x')] },
      { part: 'system', index: 1, name: null },
    ],
    [
      'a changed message',
      { messages: [one, message('x'), three] },
      { part: 'messages', index: 1, name: null },
    ],
    ['another role', { messages: [one, message('two')] }, { part: 'messages', index: 1, name: null }],
    ['a conversation begun again', { messages: [message('x')] }, { part: 'messages', index: 0, name: null }],
    ['fewer messages', { messages: [one, two] }, { part: 'messages', index: 2, name: null }],
    ['no messages', { messages: [] }, { part: 'messages', index: 0, name: null }],
    ['more messages', { messages: [one, two, three, two] }, null],
  ])('is %s', (_, change, expected) => expect(first({ ...BASE, ...change }, BASE)).toEqual(expected));

  it('is the order of the members of a tool’s input, which the provider reads as it is', () => {
    const call = (input: object) => ({
      ...BASE,
      messages: [message([{ type: 'tool_use', id: 't', input }])],
    });
    expect(first(call({ a: 1, b: 2 }), call({ b: 2, a: 1 }))).toMatchObject({ part: 'messages', index: 0 });
  });

  it('is not the line for billing that Claude Code changes on each call', () => {
    expect(first({ ...BASE, system: header('a112b') }, { ...BASE, system: header('00f3c') })).toBeNull();
    const [a, b] = ['a112b', '00f3c'].map((cch) => header(cch)[0]!.text);
    const text = (line: string, prompt: string) => ({ ...BASE, system: `${line}\n${prompt}` });
    expect(first(text(a!, 'Be brief.'), text(b!, 'Be brief.'))).toBeNull();
    expect(first(text(a!, 'Be brief.'), text(a!, 'Be long.'))).toMatchObject({ part: 'system' });
    expect(first({ ...BASE, system: header('a112b') }, BASE)).toMatchObject({ part: 'system', index: 0 });
  });

  it('is none where the provider has kept the messages before', () => {
    const previous = { model: 'm', input: 'one' };
    const current = { model: 'm', input: 'one', previous_response_id: 'resp_1' };
    expect(newIn(read(current), read(previous))).toMatchObject({
      repeated_messages: 0,
      first_difference: null,
      messages: [{ role: 'user' }],
    });
    expect(first(previous, current)).toBeNull();
  });

  it('is found where messages are nested too deep for recursion', () => {
    const deep = (end: string): Buffer =>
      Buffer.from(`{"messages":[{"role":"user","content":${'['.repeat(1e4)}${end}${']'.repeat(1e4)}}]}`);
    const [a, b] = ['1', '2'].map((end) => readRequest('messages', deep(end))!);
    expect(newIn(a!, b)).toMatchObject({ first_difference: { part: 'messages', index: 0 } });
    expect(newIn(a!, a)).toMatchObject({ repeated_messages: 1, first_difference: null });
  });
});
