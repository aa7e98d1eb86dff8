import { ServerResponse } from 'node:http';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { CallContentDto } from '../src/traces/call-content.dto';
import { Person, useApp } from './support/app';
import { contentWritten, keepContent, TestTrace, tracesOf } from './support/traces';

const user = (text: string) => ({ role: 'user', content: [{ type: 'text', text }] });
const assistant = (text: string) => ({ role: 'assistant', content: [{ type: 'text', text }] });
const events = (...list: object[]) =>
  list.map((event) => `event: x\ndata: ${JSON.stringify(event)}\n\n`).join('');

/** A stream that says one word and calls a tool. */
const ANSWER = events(
  { type: 'message_start', message: { id: 'msg_1', role: 'assistant', model: 'claude-opus-4-8', usage: {} } },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Looking' } },
  { type: 'content_block_stop', index: 0 },
  {
    type: 'content_block_start',
    index: 1,
    content_block: { type: 'tool_use', id: 'toolu_1', name: 'Bash', input: {} },
  },
  { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '{"command":' } },
  { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '"ls"}' } },
  { type: 'content_block_stop', index: 1 },
  { type: 'message_stop' },
);

describe('the content of a call', () => {
  const app = useApp();
  let person: Person;
  let answer: (response: ServerResponse) => void;
  let count: number;

  beforeEach(async () => {
    answer = (response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).end(ANSWER);
    app.upstream.answerWith((request, response) => {
      request.resume().on('end', () => answer(response));
    });
    person = await app.signUp();
    count = 0;
    await keepContent(app, person);
  });

  async function call(body: object | string | Buffer, headers: Record<string, string> = {}): Promise<void> {
    const sent = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    const all = { 'x-api-key': person.token, 'x-claude-code-session-id': 's', ...headers };
    const response = await fetch(`${app.proxyUrl}/v1/messages`, { method: 'POST', headers: all, body: sent });
    await response.arrayBuffer();
    await contentWritten(app);
    count += 1;
  }
  /** The contents of all calls of the trace, in order. */
  async function contents(): Promise<CallContentDto[]> {
    const [{ id, calls }] = (await tracesOf(app, person, count)) as [TestTrace];
    const { token } = person;
    const tree = await app.api('GET', `me/traces/${id}`, { token });
    expect(((await tree.json()) as { has_content: boolean }).has_content).toBe(true);
    return Promise.all(
      calls.map(async (call) => {
        const response = await app.api('GET', `me/traces/${id}/calls/${call}`, { token });
        expect(response.status).toBe(200);
        return (await response.json()) as CallContentDto;
      }),
    );
  }
  const texts = ({ messages }: CallContentDto) =>
    messages.map(({ role, blocks }) => `${role}: ${blocks.map(({ text }) => text).join()}`);

  it('is what was new in it, and the answer', async () => {
    const first = {
      model: 'claude-opus-4-8',
      system: 'Be brief.',
      tools: [{ name: 'Bash', input_schema: {} }],
    };
    await call({ ...first, messages: [user('one')] });
    await call({ ...first, messages: [user('one'), assistant('Looking'), user('two')] });
    await call({ ...first, messages: [user('three')] }, { 'x-claude-code-agent-id': 'a' });
    const [one, two, other] = (await contents()) as [CallContentDto, CallContentDto, CallContentDto];
    expect(one.system?.map(({ text }) => text)).toEqual(['Be brief.']);
    expect(one.tools?.map(({ name }) => name)).toEqual(['Bash']);
    expect([one.repeated_messages, texts(one), one.first_difference]).toEqual([0, ['user: one'], null]);
    expect([two.system, two.tools, two.repeated_messages, two.first_difference]).toEqual([
      null,
      null,
      1,
      null,
    ]);
    expect(texts(two)).toEqual(['assistant: Looking', 'user: two']);
    expect([other.repeated_messages, texts(other), other.system?.length]).toEqual([0, ['user: three'], 1]);
    expect(one.answer?.blocks.map(({ type, text, name }) => [type, text, name])).toEqual([
      ['text', 'Looking', null],
      ['tool_use', null, 'Bash'],
    ]);
    expect(JSON.parse(one.answer!.blocks[1]!.input!)).toEqual({ command: 'ls' });
    expect([one.request.state, one.request.bytes, one.response.bytes]).toEqual([
      'kept',
      JSON.stringify({ ...first, messages: [user('one')] }).length,
      ANSWER.length,
    ]);
  });

  it('says which part ends what the provider can have cached', async () => {
    const tools = [{ name: 'Bash' }, { name: 'Edit' }];
    const request = { model: 'm', system: 'x', tools, messages: [user('one'), user('two')] };
    await call(request);
    await call({ ...request, messages: [user('one'), user('other'), user('three')] });
    await call({ ...request, tools: [{ name: 'Bash' }, { name: 'Read' }] });
    await call({ ...request, tools: [{ name: 'Bash' }, { name: 'Read' }], model: 'other' });
    const found = await contents();
    expect(found.map(({ first_difference }) => first_difference)).toEqual([
      null,
      { part: 'messages', index: 1, name: null },
      { part: 'tools', index: 1, name: 'Read' },
      { part: 'model', index: null, name: null },
    ]);
  });

  it('is read through content codings, in both directions, and as far as a broken answer came', async () => {
    const request = { model: 'm', messages: [user('packed')] };
    answer = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' });
      response.end(gzipSync(ANSWER).subarray(0, -20));
    };
    await call(brotliCompressSync(JSON.stringify(request)), { 'content-encoding': 'br' });
    const [one] = (await contents()) as [CallContentDto];
    expect(texts(one)).toEqual(['user: packed']);
    expect(one.answer?.blocks[0]?.text).toBe('Looking');
    expect([one.request.content_encoding, one.response.content_encoding]).toEqual(['br', 'gzip']);
  });

  it('is not read where it is no format that is known, in an unknown coding or too large; its bytes are there', async () => {
    await call('no JSON');
    await call('{"messages":[]}', { 'content-encoding': 'magic' });
    await call({ messages: [user('x'.repeat(5 * 1024 * 1024))] });
    const found = await contents();
    expect(found.map(({ is_readable, request }) => [is_readable, request.state])).toEqual(
      Array(3).fill([false, 'kept']),
    );
  });

  it('of a call that was made before anything was kept says so, and is no call before another one', async () => {
    await keepContent(app, person, false);
    await call({ messages: [user('unseen')] });
    await keepContent(app, person);
    await call({ messages: [user('unseen'), user('seen')] });
    const [before, after] = (await contents()) as [CallContentDto, CallContentDto];
    expect(before).toMatchObject({
      request: { state: 'not_kept', bytes: null, sha256: null },
      response: { state: 'not_kept' },
      is_readable: false,
      messages: [],
      answer: null,
    });
    expect([after.repeated_messages, texts(after)]).toEqual([0, ['user: unseen', 'user: seen']]);
  });
});
