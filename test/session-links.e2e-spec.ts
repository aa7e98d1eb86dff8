import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { request as httpRequest } from 'node:http';
import { brotliCompressSync } from 'node:zlib';
import { CallRow } from '../src/metering/call-row';
import { ContentWriter } from '../src/capture/content-writer';
import { LedgerRepository } from '../src/metering/ledger.repository';
import { LedgerService } from '../src/metering/ledger.service';
import { Person, useApp } from './support/app';
import { callRow } from './support/call-rows';
import { join, newMember } from './support/people';
import { contentWritten, keepContent, tracesOf } from './support/traces';

const ID = '57a121ec-f78c-48c3-a745-e3036a3ecc33';
const MODEL = 'claude-opus-5-5';
const USER_ID = `user_${'0'.repeat(64)}_account__session_${ID}`;

interface Sent {
  readonly path?: string;
  readonly body: object | string | Buffer;
  readonly headers?: Record<string, string>;
  readonly client?: string;
  readonly token?: string;
}

const said = (text: string) => ({ role: 'user', content: text });
const answered = (text: string) => ({ role: 'assistant', content: [{ type: 'text', text }] });
const message = (...messages: object[]) => ({ model: MODEL, max_tokens: 10, messages });

/** Calls without a session in their headers: which trace they are in. */
describe('a call without a session header', () => {
  const app = useApp();
  let person: Person;

  beforeEach(async () => {
    app.upstream.answerWithDefault();
    person = await signUp();
  });

  async function signUp(): Promise<Person> {
    const one = await app.signUp();
    await storeKeys(one);
    return one;
  }
  async function storeKeys({ token }: Person): Promise<void> {
    await app.storeKey(token, 'sk-0123456789abcdef0123', 'openai');
    await app.storeKey(token, 'AIza0123456789abcdef0123456789abcdef', 'gemini');
  }

  /** @returns the answer. */
  async function call(
    who: Person,
    { path = 'anthropic/v1/messages', body, ...sent }: Sent,
  ): Promise<unknown> {
    const bytes = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    const response = await fetch(`${app.url}/proxy/${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${sent.token ?? who.token}`,
        'content-type': 'application/json',
        'user-agent': sent.client ?? 'agent/1',
        ...sent.headers,
      },
      body: bytes,
    });
    const text = await response.text();
    return text.startsWith('{') ? JSON.parse(text) : text;
  }
  const respond = async (who: Person, body: object, more: Omit<Sent, 'body'> = {}): Promise<string> => {
    const answer = await call(who, {
      path: 'openai/v1/responses',
      body: { model: 'gpt-5', ...body },
      ...more,
    });
    const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
    return /"id":"(resp_[^"]+)"/.exec(text)![1]!;
  };
  /** The session of each of a person's calls, in their order: 0 for the first session, 1 for the next, null for none. */
  const sessionsOf = async (who: Person, count: number): Promise<(number | null)[]> => {
    const sessions = (await app.calls(who, count)).map(({ agentSessionId }) => agentSessionId);
    const known = [...new Set(sessions.filter((one) => one !== null))];
    return sessions.map((one) => (one === null ? null : known.indexOf(one)));
  };
  const rows = (...rows: Partial<CallRow>[]): Promise<unknown> =>
    app.app
      .get(LedgerRepository, { strict: false })
      .insert(
        rows.map((row, index) =>
          callRow({ id: `req_${person.userId}_${index}`, user_id: person.userId, ...row }),
        ),
      );

  describe('that names it in the id of its user', () => {
    it.each([
      ['as older versions of Claude Code', USER_ID],
      ['as versions between', JSON.stringify({ device_id: 'd', account_uuid: '', session_id: ID })],
    ])('is in that session, %s do', async (_, user_id) => {
      await call(person, { body: { ...message(said('one')), metadata: { user_id } } });
      await call(person, { body: { metadata: { user_id }, ...message(said('two')), stream: true } });
      const newer = { 'x-claude-code-session-id': ID };
      await call(person, { body: message(said('three')), headers: newer });
      const calls = await app.calls(person, 3);
      expect(calls.map(({ agentSessionId, agentId }) => [agentSessionId, agentId])).toEqual(
        [1, 2, 3].map(() => [ID, null]),
      );
      const [trace, ...others] = await tracesOf(app, person, 3);
      expect([trace!.calls.length, others]).toEqual([3, []]);
    });

    it('is in the session of its header where it has one', async () => {
      const headers = { 'x-claude-code-session-id': 'of the header', 'x-claude-code-agent-id': 'a' };
      await call(person, { body: { ...message(said('one')), metadata: { user_id: USER_ID } }, headers });
      expect(await app.calls(person)).toMatchObject([{ agentSessionId: 'of the header', agentId: 'a' }]);
    });

    it('shares no trace with another person, organization or client that names the same', async () => {
      const body = { ...message(said('one')), metadata: { user_id: USER_ID } };
      const other = await newMember(app, person.org, 'developer');
      await storeKeys(other);
      await app.storeKey(other.token, 'sk-ant-0123456789');
      await call(person, { body });
      await call(person, { body, client: 'another/1' });
      await call(other, { body });
      expect((await tracesOf(app, person, 2)).map(({ calls }) => calls.length)).toEqual([1, 1]);
      const [ofOther] = await tracesOf(app, other, 1);
      expect(ofOther!.calls).toEqual((await app.calls(other)).map(({ id }) => id));
      const looked = await app.api('GET', `me/traces/${ofOther!.id}`, { token: person.token });
      expect(looked.status).toBe(404);
      await join(app, person, (await app.signUp()).org, 'developer');
      const orgs = await app.api('GET', 'auth/me', { token: person.token });
      const { orgs: all } = (await orgs.json()) as { orgs: { name: string }[] };
      const elsewhere = all.find(({ name }) => name !== person.org)!.name;
      const created = await app.api('POST', 'me/proxy-tokens', {
        token: person.token,
        body: { name: 'elsewhere', org: elsewhere },
      });
      const { token } = (await created.json()) as { token: string };
      await call(person, { body, token });
      expect((await tracesOf(app, person, 3)).map(({ calls }) => calls.length)).toEqual([1, 1, 1]);
    });

    it('is in that session as the SDK of Anthropic sends it', async () => {
      const client = new Anthropic({
        apiKey: person.token,
        baseURL: `${app.url}/proxy/anthropic`,
        maxRetries: 0,
      });
      const messages = [{ role: 'user' as const, content: 'hello there' }];
      const request = { model: MODEL, max_tokens: 64, messages, metadata: { user_id: USER_ID } };
      await client.messages.create(request);
      await client.messages.stream(request).finalMessage();
      expect(await sessionsOf(person, 2)).toEqual([0, 0]);
      expect((await app.calls(person))[0]!.agentSessionId).toBe(ID);
    });

    it('is in that session though its body is compressed', async () => {
      const body = brotliCompressSync(
        JSON.stringify({ ...message(said('one')), metadata: { user_id: USER_ID } }),
      );
      await call(person, { body, headers: { 'content-encoding': 'br' } });
      expect((await app.calls(person))[0]!.agentSessionId).toBe(ID);
    });

    it('is in that session though its upload broke off behind it', async () => {
      const start = JSON.stringify({ metadata: { user_id: USER_ID }, ...message(said('one')) }).slice(0, -3);
      const arrived = new Promise((resolve) =>
        app.upstream.answerWith((request) => void request.on('error', () => undefined).once('data', resolve)),
      );
      const request = httpRequest(`${app.url}/proxy/anthropic/v1/messages`, {
        method: 'POST',
        headers: { 'x-api-key': person.token, 'content-length': 10_000, 'user-agent': 'agent/1' },
      });
      request.on('error', () => undefined).write(start);
      await arrived;
      request.destroy();
      expect(await app.calls(person)).toMatchObject([{ agentSessionId: ID, outcome: 'client_aborted' }]);
    });
  });

  describe('that follows a response', () => {
    it('is in the session of the call that gave it, which has the id of its first call', async () => {
      const first = await respond(person, { input: 'one' });
      const second = await respond(person, { input: 'two', previous_response_id: first, stream: true });
      const third = await respond(person, { previous_response_id: second, input: [said('three')] });
      await respond(person, { input: 'two', previous_response_id: first }); // another branch
      await respond(person, { input: 'one' });
      await respond(person, { input: 'four', previous_response_id: third });
      expect(await sessionsOf(person, 6)).toEqual([0, 0, 0, 0, 1, 0]);
      const calls = await app.calls(person);
      expect(calls[0]!.agentSessionId).toBe(calls[0]!.id);
    });

    it('is in the session that the other call had in its header', async () => {
      const first = await respond(person, { input: 'one' }, { headers: { 'session-id': 'of the header' } });
      await respond(person, { input: 'two', previous_response_id: first });
      expect((await app.calls(person, 2)).map(({ agentSessionId }) => agentSessionId)).toEqual([
        'of the header',
        'of the header',
      ]);
    });

    it('is in its session as the SDK of OpenAI sends it', async () => {
      const client = new OpenAI({
        apiKey: person.token,
        baseURL: `${app.url}/proxy/openai/v1`,
        maxRetries: 0,
      });
      const first = await client.responses.create({ model: 'gpt-5', input: 'hello' });
      const stream = client.responses.stream({
        model: 'gpt-5',
        input: 'and now?',
        previous_response_id: first.id,
      });
      const second = await stream.finalResponse();
      await client.responses.create({ model: 'gpt-5', input: 'thanks', previous_response_id: second.id });
      expect(await sessionsOf(person, 3)).toEqual([0, 0, 0]);
    });

    it('is in the session of a message that it follows', async () => {
      const { id } = (await call(person, { body: message(said('one')) })) as { id: string };
      await call(person, { body: { ...message(said('two')), thread: { previous_message_id: id } } });
      expect(await sessionsOf(person, 2)).toEqual([0, 0]);
    });

    it('begins a session where the response is another person’s, organization’s or client’s, or nobody’s', async () => {
      const other = await newMember(app, person.org, 'developer');
      await app.storeKey(other.token, 'sk-0123456789abcdef0123', 'openai');
      const first = await respond(person, { input: 'one' });
      await respond(other, { input: 'two', previous_response_id: first });
      await respond(person, { input: 'two', previous_response_id: first }, { client: 'another/1' });
      await respond(person, { input: 'two', previous_response_id: 'resp_of_nobody' });
      expect(await sessionsOf(person, 3)).toEqual([0, 1, 2]);
      const [call] = await app.calls(other);
      expect(call!.agentSessionId).toBe(call!.id);
    });

    it('finds the response in the ledger, where another process has answered or the server was restarted', async () => {
      await respond(person, { input: 'one' });
      const { orgId: org_id, client } = (await app.calls(person))[0]!;
      const known = { org_id, client, provider: 'openai', endpoint: 'responses' };
      const stranger = await app.signUp();
      const at = (minute: number) => new Date(Date.now() - minute * 60_000).toISOString();
      await rows(
        { ...known, message_id: 'resp_before', agent_session_id: 'before', at: at(5) },
        { ...known, message_id: 'resp_twice', agent_session_id: 'earlier', at: at(5) },
        { ...known, message_id: 'resp_twice', agent_session_id: 'later', at: at(1) },
        { ...known, message_id: 'resp_theirs', agent_session_id: 'theirs', user_id: stranger.userId },
        { ...known, message_id: 'resp_elsewhere', agent_session_id: 'elsewhere', org_id: null },
        { ...known, message_id: 'resp_other_client', agent_session_id: 'other client', client: 'another/1' },
        { ...known, message_id: 'resp_alone', agent_session_id: null },
        { ...known, message_id: 'resp_message', agent_session_id: 'message', endpoint: 'messages' },
        {
          ...known,
          message_id: 'resp_newer_version',
          agent_session_id: 'same client',
          client: 'Agent/2 (x)',
        },
      );
      const ids = [
        'before',
        'twice',
        'theirs',
        'elsewhere',
        'other_client',
        'alone',
        'message',
        'newer_version',
      ];
      for (const id of ids) await respond(person, { input: id, previous_response_id: `resp_${id}` });
      const calls = (await app.calls(person, 16))
        .filter(({ requestedModel }) => requestedModel === 'gpt-5')
        .slice(1);
      expect(calls.map(({ id, agentSessionId }) => (agentSessionId === id ? 'new' : agentSessionId))).toEqual(
        [...['before', 'later', 'new', 'new', 'new', 'new', 'new', 'same client']],
      );
    });

    it('is recorded all the same while the database does not answer', async () => {
      await respond(person, { input: 'one' });
      await app.calls(person);
      const recorded = new Promise<CallRow>((resolve) =>
        app.app.get(LedgerService, { strict: false }).observe({ recorded: resolve }),
      );
      const release = await app.occupyDatabase();
      await respond(person, { input: 'two', previous_response_id: 'resp_unknown' });
      const { id, agent_session_id } = await recorded;
      await release();
      expect(agent_session_id).toBe(id);
      expect(await sessionsOf(person, 2)).toEqual([0, 1]);
    });
  });

  describe('of which nothing but the messages is known', () => {
    const turns = [said('one'), answered('1'), said('two'), answered('2'), said('three')];
    const parts = (text: string) => ({ role: 'user', parts: [{ text }] });

    it.each([
      ['Messages', 'anthropic/v1/messages', (list: object[]) => message(...list), turns],
      [
        'Chat Completions',
        'openai/v1/chat/completions',
        (messages: object[]) => ({
          model: 'gpt-5',
          messages: [{ role: 'system', content: `It is ${messages.length}` }, ...messages],
        }),
        turns,
      ],
      ['Responses', 'openai/v1/responses', (input: object[]) => ({ model: 'gpt-5', input }), turns],
      [
        'generateContent',
        'gemini/v1beta/models/gemini-2.5-pro:generateContent',
        (contents: object[]) => ({ contents }),
        ['a', 'b', 'c', 'd', 'e'].map(parts),
      ],
    ])('goes on with the session whose messages are its first ones: %s', async (_, path, bodyOf, all) => {
      for (const count of [1, 3, 5]) await call(person, { path, body: bodyOf(all.slice(0, count)) });
      await call(person, { path, body: bodyOf(all) }); // a retry
      await call(person, { path, body: bodyOf([all[1]!, ...all]) });
      expect(await sessionsOf(person, 5)).toEqual([0, 0, 0, 0, 1]);
    });

    it('goes on with it though the client moves the mark behind what is cached', async () => {
      const marked = (text: string) => ({
        role: 'user',
        content: [{ type: 'text', text, cache_control: { type: 'ephemeral' } }],
      });
      await call(person, { body: message(marked('one')) });
      await call(person, { body: message(said('one'), answered('1'), marked('two')) });
      await call(person, {
        body: message(said('one'), answered('1'), said('two'), answered('2'), marked('three')),
      });
      expect(await sessionsOf(person, 3)).toEqual([0, 0, 0]);
    });

    it('tells parallel conversations apart, and a fork belongs to what it forked from', async () => {
      const [a, b] = [said('of a'), said('of b')];
      await call(person, { body: message(a) });
      await call(person, { body: message(b) });
      await call(person, { body: message(a, answered('1'), said('more')) });
      await call(person, { body: message(b, answered('1'), said('more')) });
      await call(person, { body: message(a, answered('1'), said('fork')) });
      expect(await sessionsOf(person, 5)).toEqual([0, 1, 0, 1, 0]);
    });

    it('begins a session with its first message, after compaction, and with another token or client', async () => {
      const created = await app.api('POST', 'me/proxy-tokens', { token: person.token, body: { name: 'ci' } });
      const { token } = (await created.json()) as { token: string };
      await call(person, { body: message(...turns.slice(0, 3)) });
      await call(person, { body: message(said('one')) });
      await call(person, { body: message(said('a summary of what was said'), said('three')) });
      await call(person, { body: message(...turns), token });
      await call(person, { body: message(...turns), client: 'another/1' });
      await call(person, { body: message(...turns), client: 'AGENT/2.0' });
      expect(await sessionsOf(person, 6)).toEqual([0, 1, 2, 3, 4, 0]);
    });

    it('never goes on with the conversation of another person', async () => {
      const other = await newMember(app, person.org, 'developer');
      await app.storeKey(other.token, 'sk-ant-0123456789');
      await call(person, { body: message(...turns.slice(0, 3)) });
      await call(other, { body: message(...turns) });
      const [call1] = await app.calls(person);
      const [call2] = await app.calls(other);
      expect([call1!.agentSessionId, call2!.agentSessionId]).toEqual([call1!.id, call2!.id]);
    });

    it.each<[string, string, object | string]>([
      ['without messages', 'anthropic/v1/messages', message()],
      ['that is no JSON', 'anthropic/v1/messages', 'no JSON'],
      ['that is empty', 'anthropic/v1/messages', ''],
      ['that counts tokens', 'anthropic/v1/messages/count_tokens', message(said('one'))],
      ['that embeds a text', 'openai/v1/embeddings', { model: 'm', input: 'one' }],
    ])('is in no trace with a body %s', async (_, path, body) => {
      await call(person, { path, body });
      expect(await sessionsOf(person, 1)).toEqual([null]);
      expect(await tracesOf(app, person, 1)).toEqual([]);
    });
  });

  describe('whose content is kept', () => {
    beforeEach(() => keepContent(app, person));
    const kept = async (trace: string, id: string): Promise<Response> =>
      app.api('GET', `me/traces/${trace}/calls/${id}/request`, { token: person.token });

    it('has it in its trace, however its session was found', async () => {
      const named = { ...message(said('named')), metadata: { user_id: USER_ID } };
      const bodies = [named, message(said('one')), message(said('one'), answered('1'), said('two'))];
      for (const body of bodies) await call(person, { body });
      const first = await respond(person, { input: 'responses one' });
      await respond(person, { input: 'responses two', previous_response_id: first });
      await contentWritten(app);
      const traces = await tracesOf(app, person, 5);
      expect(traces.map(({ calls }) => calls.length)).toEqual([2, 2, 1]);
      const found: string[] = [];
      for (const { id, calls } of traces.reverse())
        for (const one of calls) found.push(await (await kept(id, one)).text());
      expect(found.slice(0, 3)).toEqual(bodies.map((body) => JSON.stringify(body)));
      expect(found.slice(3).map((text) => JSON.parse(text).input)).toEqual([
        'responses one',
        'responses two',
      ]);
    });

    it('is kept in the session that the ledger finds', async () => {
      await respond(person, { input: 'one' });
      const { orgId: org_id, client } = (await app.calls(person))[0]!;
      const known = {
        org_id,
        client,
        endpoint: 'responses',
        message_id: 'resp_before',
        agent_session_id: 'before',
      };
      await rows({ ...known, at: new Date(Date.now() - 60_000).toISOString() });
      await respond(person, { input: 'two', previous_response_id: 'resp_before' });
      await contentWritten(app);
      const trace = (await tracesOf(app, person, 3)).find(({ calls }) => calls.length === 2);
      expect((await kept(trace!.id, trace!.calls[1]!)).status).toBe(200);
    });

    it('takes no memory and no row where it is in no trace', async () => {
      await call(person, { body: message() });
      await call(person, { body: 'x'.repeat(500_000) });
      await contentWritten(app);
      await app.calls(person, 2);
      const [{ count }] = await app.dataSource.query(
        'SELECT count(*)::int AS "count" FROM "trace_contents" WHERE "user_id" = $1',
        [person.userId],
      );
      expect(count).toBe(0);
      expect(app.app.get(ContentWriter, { strict: false }).buffer.bytes).toBe(0);
    });
  });

  describe('with a hostile body', () => {
    const long = 'x'.repeat(10 * 1024 * 1024);

    it.each<[string, object | string, string | null]>([
      ['an id of 10 MB', { metadata: { user_id: long }, ...message(said('one')) }, null],
      ['an id of 10 MB behind the messages', { ...message(said('one')), metadata: { user_id: long } }, 'new'],
      ['a message of 10 MB', { ...message(said('one'), said(long)), metadata: { user_id: USER_ID } }, ID],
      ['a control character', { ...message(said('one')), metadata: { user_id: `${USER_ID}\u0000` } }, 'new'],
      ['a previous id with one', { ...message(said('one')), previous_response_id: 'resp\u0000' }, 'new'],
      [
        'two ids',
        JSON.stringify({ metadata: { user_id: 'x' }, ...message(said('one')) }).replace(
          '"x"',
          `"x","user_id":"${USER_ID}"`,
        ),
        ID,
      ],
      ['an id in a list', { ...message(said('one')), metadata: [{ user_id: USER_ID }] }, 'new'],
      ['an id that ends oddly', { ...message(said('one')), metadata: { user_id: `${USER_ID}-` } }, 'new'],
      ['deep nesting', `{"messages":[{"content":"one"},${'['.repeat(50_000)}${']'.repeat(50_000)}]}`, 'new'],
    ])('passes it on as it is, and has an answer: %s', async (_, body, session) => {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      app.upstream.answerWith((request, response) => {
        request.resume().on('end', () => response.writeHead(200).end());
      });
      await call(person, { body: text });
      expect((await app.upstream.last.body).bytes).toBe(Buffer.byteLength(text));
      const { id, agentSessionId } = (await app.calls(person))[0]!;
      expect(agentSessionId === id ? 'new' : agentSessionId).toBe(session);
    });
  });
});
