import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { ContentDeletionService } from '../src/capture/content-deletion.service';
import { ContentWriter } from '../src/capture/content-writer';
import { CONFIG, Config } from '../src/config/config';
import { Person, useApp } from './support/app';
import { KeptPacks } from './support/kept-packs';
import { newMember } from './support/people';
import { contentWritten, keepContent, TestTrace, tracesOf } from './support/traces';

const DAY_MS = 86_400_000;
const CANARY = 'the quick canary 5d1c0e jumps';

interface Sent {
  readonly session?: string;
  readonly body?: string | Buffer;
  readonly headers?: Record<string, string>;
  readonly path?: string;
}

describe('what agents say', () => {
  const app = useApp({
    adjust: ({ traces, ...config }) => ({
      ...config,
      traces: { ...traces, maxWaitingBytes: 8 * 1024 * 1024, spool: { ...traces.spool, maxBytes: 0 } },
    }),
  });
  let person: Person;
  let answer: (response: ServerResponse) => void;

  const kept = new KeptPacks(app);
  const writer = () => app.app.get(ContentWriter, { strict: false });
  const deletion = () => app.app.get(ContentDeletionService, { strict: false });
  /** The ids of what is or was kept of a person's sessions. */
  const contents = async ({ userId }: Person): Promise<string[]> =>
    (await rows<{ id: string }>(`SELECT "id" FROM "trace_contents" WHERE "user_id" = '${userId}'`)).map(
      ({ id }) => id,
    );
  /** The packs of some contents, by their names. */
  const packs = (ids: readonly string[]): string[] => kept.in(ids);
  const rows = <Row>(sql: string): Promise<Row[]> => app.dataSource.query(sql);

  beforeEach(async () => {
    answer = (response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"type":"message"}');
    app.upstream.answerWith((request, response) => {
      request.resume().on('end', () => answer(response));
    });
    person = await app.signUp();
    await keep(person, true);
  });

  const keep = (who: Person, content: boolean) => keepContent(app, who, content);
  /** Sends a call, and waits until what is kept of it is written. @returns what the client got. */
  async function call(
    { token }: Person,
    { session = 's', body = '{}', headers, path }: Sent = {},
  ): Promise<Buffer> {
    const response = await fetch(`${app.proxyUrl}/v1/${path ?? 'messages'}`, {
      method: 'POST',
      headers: { 'x-api-key': token, 'x-session-id': session, 'user-agent': 'agent/1', ...headers },
      body,
    });
    const got = Buffer.from(await response.arrayBuffer());
    await settle();
    return got;
  }
  const settle = () => contentWritten(app);
  const traces = (of: Person, count: number) => tracesOf(app, of, count);
  const bytes = (of: Person, trace: string, id: string, part: string): Promise<Response> =>
    app.api('GET', `me/traces/${trace}/calls/${id}/${part}`, { token: of.token });
  const refusalOr200 = (response: Response) => (response.ok ? 200 : refusal(response));
  async function refusal(response: Response): Promise<unknown> {
    const { errors, ...rest } = (await response.json()) as { code?: string; errors?: { code: string }[] };
    return [response.status, errors?.[0]?.code ?? rest.code];
  }

  it('is not kept before its person has turned that on, nor after they have turned it off', async () => {
    const other = await app.signUp();
    const { token } = other;
    expect(await (await app.api('GET', 'me/capture', { token })).json()).toMatchObject({ content: false });
    await call(other);
    await keep(other, true);
    await call(other, { session: 'on' });
    await keep(other, false);
    await call(other, { session: 'off' });
    const [off, on, before] = await traces(other, 3);
    for (const trace of [before!, off!])
      expect(await refusal(await bytes(other, trace.id, trace.calls[0]!, 'request'))).toEqual([
        404,
        'content_not_kept',
      ]);
    expect((await bytes(other, on!.id, on!.calls[0]!, 'request')).status).toBe(200);
  });

  it('is kept byte for byte', async () => {
    const odd =
      '{"messages":[{"role":"user","content":"\\ud800 a"},{"n":1e999,"n":12345678901234567890}],"system":"x","system":"y"}';
    const message = { role: 'user', content: 'a longer text that is stored as a piece of its own' };
    const requests: Sent[] = [
      { body: '{}' },
      { body: '' },
      { body: odd },
      {
        body: ` {"model" : "m",\r\n"messages":[ ${JSON.stringify(message)} , ${JSON.stringify(message)}]}\n`,
      },
      { body: 'no JSON, \u{1f600} ' },
      { body: randomBytes(100_000), headers: { 'content-type': 'application/octet-stream' } },
      { body: gzipSync(odd), headers: { 'content-encoding': 'gzip', 'content-type': 'application/json' } },
    ];
    const answers = [
      Buffer.from('event: a\ndata: {"x":1}\n\n'),
      gzipSync('answer'),
      randomBytes(300_000),
      Buffer.alloc(0),
    ];
    const got: Buffer[] = [];
    for (const [index, request] of requests.entries()) {
      answer = (response) => {
        const coding = index % answers.length === 1 ? { 'content-encoding': 'gzip' } : {};
        response.writeHead(200, { 'content-type': 'text/event-stream', ...coding });
        response.end(answers[index % answers.length]);
      };
      got.push(await call(person, request));
    }
    const [trace] = await traces(person, requests.length);
    for (const [index, id] of trace!.calls.entries()) {
      const sent = Buffer.from(requests[index]!.body!);
      for (const [part, expected] of [
        ['request', sent],
        ['response', answers[index % answers.length]!],
      ] as const) {
        const response = await bytes(person, trace!.id, id, part);
        expect(Buffer.from(await response.arrayBuffer()).equals(expected)).toBe(true);
        const header = (name: string) => response.headers.get(name);
        expect(header('x-content-sha256')).toBe(createHash('sha256').update(expected).digest('hex'));
        expect(header('content-type')).toBe('application/octet-stream');
        expect(header('content-disposition')).toContain('attachment');
        if (part === 'request')
          expect(header('x-original-content-encoding')).toBe(
            requests[index]!.headers?.['content-encoding'] ?? null,
          );
        else expect(header('x-original-content-type')).toBe('text/event-stream');
      }
    }
  });

  it('is kept as far as it came, when the client leaves or the answer breaks off', async () => {
    answer = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'content-length': '100' });
      response.write('data: begun');
      setTimeout(() => response.destroy(), 50);
    };
    await call(person).catch(() => undefined);
    await settle();
    const [trace] = await traces(person, 1);
    const response = await bytes(person, trace!.id, trace!.calls[0]!, 'response');
    expect(await response.text()).toBe('data: begun');
  });

  it('is its person’s alone: others with the same session id, and owners, get none of it', async () => {
    const other = await newMember(app, person.org, 'developer');
    await keep(other, true);
    await call(person, { body: '{"a":"of the owner"}' });
    await call(other, { body: '{"a":"of the member"}' });
    const [mine] = await traces(person, 1);
    const [theirs] = await traces(other, 1);
    expect(await (await bytes(other, theirs!.id, theirs!.calls[0]!, 'request')).text()).toBe(
      '{"a":"of the member"}',
    );
    expect(await refusal(await bytes(person, theirs!.id, theirs!.calls[0]!, 'request'))).toEqual([
      404,
      'trace_not_found',
    ]);
    expect(await refusal(await bytes(person, mine!.id, theirs!.calls[0]!, 'request'))).toEqual([
      404,
      'call_not_found',
    ]);
    const response = await app.api('DELETE', `me/traces/${theirs!.id}`, { token: person.token });
    expect(await refusal(response)).toEqual([404, 'trace_not_found']);
  });

  it('takes less than a twentieth of its size in a long session, whose requests repeat all before them', async () => {
    const words = (count: number) =>
      Array.from({ length: count }, () => randomBytes(3).toString('hex')).join(' ');
    const system = [{ type: 'text', text: words(5_000) }];
    const tools = Array.from({ length: 20 }, (_, index) => ({
      name: `tool ${index}`,
      description: words(100),
    }));
    const messages: object[] = [];
    let raw = 0;
    for (let turn = 0; turn < 60; turn++) {
      messages.push({
        role: turn % 2 === 0 ? 'user' : 'assistant',
        content: [{ type: 'text', text: words(400) }],
      });
      const body = JSON.stringify({ model: 'm', system, tools, messages });
      raw += body.length;
      await call(person, { body });
    }
    const ids = await contents(person);
    const inPacks = packs(ids).reduce((sum, name) => sum + kept.read(name).length, 0);
    const lists = await rows<{ bytes: number }>(
      `SELECT sum(length("pieces"))::int AS "bytes" FROM "trace_bodies" WHERE "content_id" = '${ids[0]!}'`,
    );
    expect(raw).toBeGreaterThan(5_000_000);
    expect((inPacks + lists[0]!.bytes) / raw).toBeLessThan(1 / 20);
  });

  it('is nowhere to be found in plain, long or short, nor is a known text to be told from others', async () => {
    const message = { role: 'user', content: CANARY.repeat(20) };
    await call(person, { body: JSON.stringify({ messages: [message] }) });
    await call(person, { body: '{"short":"canary"}' });
    const ids = await contents(person);
    expect(packs(ids).length).toBeGreaterThan(0);
    for (const name of packs(ids)) {
      expect(kept.read(name).includes('canary')).toBe(false);
      expect(kept.isPrivate(name)).toBe(true);
    }
    const stored = await rows<{ text: string }>(`
      SELECT "trace_bodies"::text AS "text" FROM "trace_bodies" WHERE "content_id" = '${ids[0]!}'
      UNION ALL SELECT "trace_pieces"::text FROM "trace_pieces" WHERE "content_id" = '${ids[0]!}'`);
    const digest = createHash('sha256').update(JSON.stringify(message)).digest('hex').slice(0, 32);
    expect(stored.length).toBeGreaterThanOrEqual(5);
    for (const { text } of stored)
      for (const known of ['canary', Buffer.from('canary').toString('hex'), digest])
        expect(text).not.toContain(known);
    expect(app.log).not.toContain('canary');
  });

  it('is deleted for good: its key, its packs, where its pieces were; the digests stay', async () => {
    const long = (text: string) => JSON.stringify({ text: text.repeat(30) });
    await call(person, { body: long('one') });
    await call(person, { body: long('two'), session: 'other' });
    const ids = await contents(person);
    expect(packs(ids)).toHaveLength(2);
    const [other, trace] = await traces(person, 2);
    const owned = `FROM "trace_contents" WHERE "user_id" = '${person.userId}'`;
    expect(await rows(`SELECT 1 FROM "data_keys" WHERE "user_id" = '${person.userId}'`)).toHaveLength(2);
    const { token } = person;
    expect((await app.api('DELETE', `me/traces/${trace!.id}`, { token })).status).toBe(204);
    expect(packs(ids)).toHaveLength(1);
    expect(await rows(`SELECT 1 FROM "data_keys" WHERE "user_id" = '${person.userId}'`)).toHaveLength(1);
    expect(await rows(`SELECT 1 ${owned} AND "deleted_at" IS NOT NULL`)).toHaveLength(1);
    const digests = await rows<{ state: string; bytes: string }>(
      `SELECT "state", "bytes" FROM "trace_bodies" WHERE "call_id" = '${trace!.calls[0]!}' ORDER BY "part"`,
    );
    expect(digests).toEqual([
      { state: 'deleted', bytes: String(long('one').length) },
      { state: 'deleted', bytes: '18' },
    ]);
    const [id] = trace!.calls as [string];
    expect(await refusal(await bytes(person, trace!.id, id, 'request'))).toEqual([404, 'content_deleted']);
    expect((await bytes(person, other!.id, other!.calls[0]!, 'request')).status).toBe(200);
    expect((await app.api('DELETE', `me/traces/${trace!.id}`, { token })).status).toBe(204); // again: nothing is left

    await call(person, { body: '{"a":"three"}' });
    const [again] = await traces(person, 3);
    expect(await (await bytes(person, again!.id, again!.calls[1]!, 'request')).text()).toBe('{"a":"three"}');
    const audit = await app.api('GET', 'me/audit-events', { token });
    const events = (await audit.json()) as { action: string }[];
    expect(events.map(({ action }) => action).slice(0, 2)).toEqual([
      'trace_content_deleted',
      'capture_enabled',
    ]);
  });

  it('is deleted up to a day', async () => {
    await call(person, { session: 'old' });
    await call(person, { session: 'new' });
    await app.dataSource.query(
      `UPDATE "trace_contents" SET "last_at" = '2026-01-01' WHERE "session_id" = 'old' AND "user_id" = $1`,
      [person.userId],
    );
    const { token } = person;
    const response = await app.api('DELETE', 'me/traces?before=2026-01-02', { token });
    expect(await response.json()).toEqual({ deleted: 1 });
    const bad = await app.api('DELETE', 'me/traces?before=yesterday', { token });
    expect(await refusal(bad)).toEqual([400, 'invalid_date']);
    expect((await app.api('DELETE', 'me/traces', { token })).status).toBe(400);
    const [fresh, old] = await traces(person, 2);
    expect(await refusal(await bytes(person, old!.id, old!.calls[0]!, 'request'))).toEqual([
      404,
      'content_deleted',
    ]);
    expect((await bytes(person, fresh!.id, fresh!.calls[0]!, 'request')).status).toBe(200);
  });

  it('of calls that came in before a deletion is deleted with the rest, whenever they end', async () => {
    const text = (said: string) => JSON.stringify({ text: said.repeat(30) });
    await call(person, { body: text('first ') });
    const [trace] = await traces(person, 1);
    let end = (): void => undefined;
    const arrived = new Promise<void>((resolve) => {
      answer = (response) => {
        end = () => response.end('{"type":"message"}');
        resolve();
      };
    });
    const open = call(person, { body: text('before the deletion ') });
    await arrived;
    expect((await app.api('DELETE', `me/traces/${trace!.id}`, { token: person.token })).status).toBe(204);
    answer = (response) => response.end('{}');
    await call(person, { body: text('after the deletion ') });
    end();
    await open;
    await settle();
    const [{ id, calls }] = (await traces(person, 3)) as [TestTrace];
    const states = await Promise.all(
      calls.map(async (one) => refusalOr200(await bytes(person, id, one, 'request'))),
    );
    expect(states).toEqual([[404, 'content_deleted'], [404, 'content_deleted'], 200]);
    expect(packs(await contents(person))).toHaveLength(1);
  });

  it('of sessions that the database knows nothing of is left alone: it may be that of another one', async () => {
    const strange = randomUUID();
    await kept.write(`${strange}/pack`, 'another one’s', new Date(Date.now() - 9 * DAY_MS));
    await deletion().sweepNow();
    expect(packs([strange])).toEqual([`${strange}/pack`]);
  });

  it('is kept once its database takes it, in one pack however often that was tried', async () => {
    await call(person, { session: 'known' });
    await app.dataSource.query('ALTER TABLE trace_bodies RENAME TO trace_bodies_elsewhere');
    const failing = fetch(`${app.proxyUrl}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': person.token, 'x-session-id': 'known', 'user-agent': 'agent/1' },
      body: JSON.stringify({ text: CANARY.repeat(9) }),
    });
    await (await failing).text();
    while (!app.log.includes('waits for the database')) await sleep(20);
    await writer().flush();
    await app.dataSource.query('ALTER TABLE trace_bodies_elsewhere RENAME TO trace_bodies');
    await settle();
    const [trace] = await traces(person, 2);
    expect((await bytes(person, trace!.id, trace!.calls[1]!, 'request')).status).toBe(200);
    expect(packs(await contents(person))).toHaveLength(1);
  });

  it('is deleted some days after the last call of its session, and with its person', async () => {
    const body = JSON.stringify({ text: CANARY.repeat(9) });
    await call(person, { session: 'old', body });
    await call(person, { session: 'new', body });
    const ids = await contents(person);
    const { retentionDays } = app.app.get<Config>(CONFIG).traces;
    const past = new Date(Date.now() - (retentionDays! + 1) * DAY_MS);
    await app.dataSource.query(
      `UPDATE "trace_contents" SET "last_at" = $2 WHERE "session_id" = 'old' AND "user_id" = $1`,
      [person.userId, past],
    );
    expect(packs(ids)).toHaveLength(2);
    await deletion().sweepNow();
    expect(packs(ids)).toHaveLength(1);
    await app.dataSource.query(`DELETE FROM "users" WHERE "id" = $1`, [person.userId]);
    expect(await rows(`SELECT 1 FROM "data_keys" WHERE "user_id" = '${person.userId}'`)).toEqual([]);
    await deletion().sweepNow();
    expect(packs(ids)).toEqual([]);
  });

  it('leaves no pack behind that was noted and never got its rows, nor takes away any other', async () => {
    await call(person, { body: JSON.stringify({ text: CANARY.repeat(9) }) });
    const [id] = (await contents(person)) as [string];
    const [known] = packs([id]) as [string];
    const [old, young, strange] = [randomUUID(), randomUUID(), randomUUID()];
    for (const name of [old, young, strange]) await kept.write(`${id}/${name}`, 'left behind');
    await app.dataSource.query(
      `INSERT INTO "trace_pending_packs" VALUES ($1, $2, now() - interval '2 hours'), ($1, $3, now())`,
      [id, old, young],
    );
    await deletion().sweepNow();
    expect(packs([id]).sort()).toEqual([known, `${id}/${young}`, `${id}/${strange}`].sort());
    expect(await rows(`SELECT 1 FROM "trace_pending_packs" WHERE "content_id" = '${id}'`)).toHaveLength(1);
  });

  it('whose key does not open leaves the list of traces whole', async () => {
    const body = JSON.stringify({
      tools: [{ name: 'x' }],
      messages: [{ role: 'user', content: 'Say it first' }],
    });
    await call(person, { session: 'broken', body });
    await call(person, { session: 'whole', body });
    await app.dataSource.query(
      `UPDATE "data_keys" SET "master_key_id" = '0123456789abcdef' WHERE "id" = (
         SELECT "data_key_id" FROM "trace_contents" WHERE "user_id" = $1 AND "session_id" = 'broken')`,
      [person.userId],
    );
    await app.calls(person, 2);
    const { token } = person;
    const list = (await (await app.api('GET', 'me/traces', { token })).json()) as {
      traces: { title: string | null }[];
    };
    expect(list.traces.map(({ title }) => title)).toEqual(['Say it first', null]);
    const [whole, broken] = await traces(person, 2);
    expect((await bytes(person, whole!.id, whole!.calls[0]!, 'request')).status).toBe(200);
    expect(await refusal(await bytes(person, broken!.id, broken!.calls[0]!, 'request'))).toEqual([
      500,
      'content_damaged',
    ]);
    await app.dataSource.query(
      `DELETE FROM "trace_contents" WHERE "user_id" = $1 AND "session_id" = 'broken'`,
      [person.userId],
    );
  });

  it('that is damaged is said to be, in the log as well, and the rest of its trace still opens', async () => {
    const message = (text: string) =>
      JSON.stringify({ messages: [{ role: 'user', content: text.repeat(30) }] });
    await call(person, { body: message('one ') });
    const ids = await contents(person);
    const known = new Set(packs(ids));
    await call(person, { body: message('two ') });
    const [damaged] = packs(ids).filter((path) => !known.has(path)) as [string];
    const [trace] = await traces(person, 1).then(() => traces(person, 2));
    const content = Buffer.from(kept.read(damaged));
    content[20]! ^= 1;
    await kept.write(damaged, content);
    const [first, second] = trace!.calls as [string, string];
    expect(await refusal(await bytes(person, trace!.id, second, 'request'))).toEqual([
      500,
      'content_damaged',
    ]);
    await kept.write(damaged, content.subarray(0, 10));
    expect(await refusal(await bytes(person, trace!.id, second, 'request'))).toEqual([
      500,
      'content_damaged',
    ]);
    expect(await (await bytes(person, trace!.id, first, 'request')).text()).toBe(message('one '));
    expect(app.log).toContain(`"request_id":"${second}"`);
  });

  it('is not kept where there is no room, which is said, and the stream is whole all the same', async () => {
    const large = randomBytes(3 * 1024 * 1024);
    answer = (response) => response.end(large);
    const got = await Promise.all(Array.from({ length: 4 }, () => call(person)));
    expect(got.every((one) => one.equals(large))).toBe(true);
    const [trace] = await traces(person, 4);
    const answers = await Promise.all(
      trace!.calls.map(async (id) => refusalOr200(await bytes(person, trace!.id, id, 'response'))),
    );
    expect(answers).toContainEqual([404, 'content_dropped']);
    expect(writer().buffer.bytes).toBe(0);
    expect(writer().counts.get('dropped')).toBeGreaterThan(0);
  });

  it('is kept or not as its organization says', async () => {
    const { token, org } = person;
    const member = await newMember(app, org, 'developer');
    const policy = async (capture: string): Promise<void> => {
      const response = await app.api('PATCH', `orgs/${org}`, { token, body: { capture } });
      expect([response.status, ((await response.json()) as { capture: string }).capture]).toEqual([
        200,
        capture,
      ]);
    };
    await policy('off');
    await call(person, { session: 'off' });
    await policy('required');
    await call(member, { session: 'required' });
    await policy('members_choose');
    await call(member, { session: 'chosen' });
    const [off] = await traces(person, 1);
    expect(await refusal(await bytes(person, off!.id, off!.calls[0]!, 'request'))).toEqual([
      404,
      'content_not_kept',
    ]);
    const [chosen, required] = await traces(member, 2);
    expect((await bytes(member, required!.id, required!.calls[0]!, 'request')).status).toBe(200);
    expect(await refusal(await bytes(member, chosen!.id, chosen!.calls[0]!, 'request'))).toEqual([
      404,
      'content_not_kept',
    ]);
    const denied = await app.api('PATCH', `orgs/${org}`, { token: member.token, body: { capture: 'off' } });
    expect(denied.status).toBe(403);
    const wrong = await app.api('PATCH', `orgs/${org}`, { token, body: { capture: 'sometimes' } });
    expect(await refusal(wrong)).toEqual([400, 'not_allowed']);
  });
});
