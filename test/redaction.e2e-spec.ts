import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { brotliCompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { AddRedaction1764000000029 } from '../migrations/1764000000029-add-redaction';
import { CONFIG, Config } from '../src/config/config';
import { Person, useApp } from './support/app';
import { contentsOf } from './support/contents';
import { newMember } from './support/people';
import { contentWritten, keepContent, TestTrace, tracesOf } from './support/traces';

const MODEL = 'claude-opus-4-8';
/** Put together here, so that no scanner takes this file for a leak. */
const random = (length: number) => 'aB3dE6gH9jK2mN5pQ8sT1vW4yZ7'.repeat(9).slice(0, length);
const CANARY = 'xC4n4ryQ9';
const TOKEN = `ghp_${CANARY}${random(27)}`;
const MARK = '[redacted:github_token]';
const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex');
const user = (content: unknown) => ({ role: 'user', content });
const assistant = (content: unknown) => ({ role: 'assistant', content });
const bodyOf = (...messages: object[]) => JSON.stringify({ model: MODEL, messages });

interface Sent {
  readonly session?: string;
  readonly body: string | Buffer;
  readonly headers?: Record<string, string>;
  readonly path?: string;
}

interface AuditEvent {
  readonly action: string;
  readonly actor: string;
  readonly client: string | null;
  readonly details: Record<string, string>;
}

interface Bodies {
  readonly request: {
    readonly state: string;
    readonly redacted: boolean;
    readonly kept_sha256: string | null;
  };
  readonly response: { readonly redacted: boolean };
}

describe('secrets in what agents say', () => {
  const app = useApp();
  let person: Person;
  let answer: (response: ServerResponse) => void;
  let received: Buffer[];

  beforeEach(async () => {
    received = [];
    answer = (response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"type":"message"}');
    app.upstream.answerWith(async (request, response) => {
      received.push(Buffer.concat((await request.toArray()) as Buffer[]));
      answer(response);
    });
    person = await app.signUp();
    await keepContent(app, person);
  });

  /** Sends a call, and waits until what is kept of it is written. @returns what the client got. */
  async function call({ session = 's', body, headers, path = 'v1/messages' }: Sent, who = person) {
    const response = await fetch(`${app.proxyUrl}/${path}`, {
      method: 'POST',
      headers: { 'x-api-key': who.token, 'x-session-id': session, 'user-agent': 'agent/1', ...headers },
      body,
    });
    const got = Buffer.from(await response.arrayBuffer());
    await contentWritten(app);
    return got;
  }
  const api = (method: string, path: string, body?: object, who = person) =>
    app.api(method, path, { token: who.token, ...(body !== undefined && { body }) });
  const kept = async (trace: TestTrace, part: string, at = 0): Promise<[Response, Buffer]> => {
    const response = await api('GET', `me/traces/${trace.id}/calls/${trace.calls[at]!}/${part}`);
    return [response, Buffer.from(await response.arrayBuffer())];
  };
  const traceOf = async (calls: number): Promise<TestTrace> => (await tracesOf(app, person, calls))[0]!;
  const events = async (who = person) =>
    (await (await api('GET', 'me/audit-events?limit=200', undefined, who)).json()) as AuditEvent[];
  const notices = async (who = person) =>
    (await events(who)).filter(({ action }) => action === 'secret_sent');
  /** All that is on the disk, and in the database. */
  async function stored(): Promise<string[]> {
    const { directory } = app.app.get<Config>(CONFIG).traces;
    const files = existsSync(directory)
      ? readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
      : [];
    const rows = Object.values(await contentsOf(app.dataSource)).flat();
    return [
      ...files.map((file) => readFileSync(join(file.parentPath, file.name), 'latin1')),
      ...rows,
      app.log,
    ];
  }

  it('are taken out unless one says otherwise, and each choice leaves the other as it is', async () => {
    const who = await app.signUp();
    const put = async (body: object) => (await api('PUT', 'me/capture', body, who)).json();
    expect(await (await api('GET', 'me/capture', undefined, who)).json()).toEqual({
      content: false,
      redact: true,
    });
    expect(await put({ content: true })).toEqual({ content: true, redact: true });
    expect(await put({ redact: false })).toEqual({ content: true, redact: false });
    expect(await put({ content: false })).toEqual({ content: false, redact: false });
    expect(await put({})).toEqual({ content: false, redact: false });
    expect(await put({ content: true, redact: true })).toEqual({ content: true, redact: true });
    expect(await put({ content: true, redact: true })).toEqual({ content: true, redact: true });
    expect((await events(who)).map(({ action }) => action).slice(0, 5)).toEqual([
      ...[
        'capture_enabled',
        'redaction_enabled',
        'capture_disabled',
        'redaction_disabled',
        'capture_enabled',
      ],
    ]);
    for (const body of [{ redact: 'yes' }, { redact: null }, { content: null }, { content: 1, redact: true }])
      expect([body, (await api('PUT', 'me/capture', body, who)).status]).toEqual([body, 400]);
    expect(await (await api('GET', 'me/capture', undefined, who)).json()).toEqual({
      content: true,
      redact: true,
    });
  });

  it('stay in what those keep who were there before there was a choice', async () => {
    const migration = new AddRedaction1764000000029();
    const runner = app.dataSource.createQueryRunner();
    try {
      await migration.down(runner);
      await migration.up(runner);
    } finally {
      await runner.release();
    }
    expect(await (await api('GET', 'me/capture')).json()).toEqual({ content: true, redact: false });
    const newcomer = await app.signUp();
    expect(await (await api('GET', 'me/capture', undefined, newcomer)).json()).toMatchObject({
      redact: true,
    });
  });

  it('reach the provider, and are nowhere on the disk, in the database, in the title or in the log', async () => {
    const body = JSON.stringify({
      ...{ model: MODEL, tools: [{ name: 'Bash' }], system: `The token is ${TOKEN}` },
      messages: [
        user(`Use ${TOKEN} for the push, please`),
        assistant('Done.'),
        user([{ type: 'text', text: 'x' }]),
      ],
    });
    const said = JSON.stringify({ type: 'message', content: [{ type: 'text', text: `I used ${TOKEN}.` }] });
    answer = (response) => response.writeHead(200, { 'content-type': 'application/json' }).end(said);
    expect((await call({ body })).toString()).toBe(said);
    expect(received[0]?.toString()).toBe(body);

    const trace = await traceOf(1);
    const [request, requestBytes] = await kept(trace, 'request');
    const [response, responseBytes] = await kept(trace, 'response');
    expect(requestBytes.toString()).toBe(body.replaceAll(TOKEN, MARK));
    expect(responseBytes.toString()).toBe(said.replace(TOKEN, MARK));
    for (const [head, bytes, passed] of [
      [request, requestBytes, body],
      [response, responseBytes, said],
    ] as const) {
      expect(head.headers.get('x-content-sha256')).toBe(sha256(passed));
      expect(head.headers.get('x-content-redacted')).toBe('true');
      expect(head.headers.get('x-kept-sha256')).toBe(sha256(bytes));
    }
    const content = (await (
      await api('GET', `me/traces/${trace.id}/calls/${trace.calls[0]!}`)
    ).json()) as Bodies;
    expect(content).toMatchObject({
      request: { state: 'kept', redacted: true, sha256: sha256(body), kept_sha256: sha256(requestBytes) },
      response: { state: 'kept', redacted: true },
      system: [{ text: `The token is ${MARK}` }],
      answer: { blocks: [{ text: `I used ${MARK}.` }] },
    });
    const { traces } = (await (await api('GET', 'me/traces')).json()) as { traces: { title: string }[] };
    expect(traces[0]!.title).toBe(`Use ${MARK} for the push, please`);
    for (const text of await stored()) expect(text).not.toContain(CANARY);
  });

  it('are found in all forms in which clients and providers send them', async () => {
    const pem = [
      '-----BEGIN PRIVATE KEY-----',
      random(64),
      `${random(20)}==`,
      '-----END PRIVATE KEY-----',
      '',
    ];
    const text = `cat key.pem\n${pem.join('\n')}postgres://app:hunter2@db`;
    const plain = bodyOf(user([{ type: 'tool_result', content: JSON.stringify({ text }) }]));
    const events = [TOKEN.slice(0, 9), TOKEN.slice(9, 25), TOKEN.slice(25), ' it is']
      .map((piece) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: piece } }))
      .map((event) => `event: content_block_delta\ndata: ${JSON.stringify(event)}\n\n`)
      .join('');
    answer = (response) =>
      response
        .writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'br' })
        .end(brotliCompressSync(events));
    await call({ body: gzipSync(plain), headers: { 'content-encoding': 'gzip' } });
    expect(gunzipSync(received[0]!).toString()).toBe(plain);

    const trace = await traceOf(1);
    const [head, bytes] = await kept(trace, 'request');
    const { messages } = JSON.parse(bytes.toString()) as {
      messages: [{ content: [{ content: string }] }];
    };
    expect(JSON.parse(messages[0].content[0].content)).toEqual({
      text: 'cat key.pem\n[redacted:private_key]\npostgres://app:[redacted:url_password]@db',
    });
    // What is kept has no coding any more, and the digest is that of what passed.
    expect(head.headers.get('x-original-content-encoding')).toBeNull();
    expect(head.headers.get('x-content-sha256')).toBe(sha256(received[0]!));
    const [, streamed] = await kept(trace, 'response');
    expect(streamed.toString()).not.toContain(CANARY.slice(0, 5));
    const content = await (await api('GET', `me/traces/${trace.id}/calls/${trace.calls[0]!}`)).json();
    expect(content).toMatchObject({
      request: { redacted: true, content_encoding: null },
      is_readable: true,
      answer: { blocks: [{ text: `${MARK} it is` }] },
    });
  });

  it('that can’t be looked for leave nothing to be kept, and what has none is kept as it passed', async () => {
    const whole = gzipSync(bodyOf(user('Hello')));
    const cases: [Sent, string | Buffer, boolean][] = [
      [{ body: whole, headers: { 'content-encoding': 'gzip' } }, whole, false],
      [{ body: `odd ${TOKEN}`, headers: { 'content-encoding': 'compress' } }, '[redacted:unreadable]', true],
      [{ body: `not gzip ${TOKEN}`, headers: { 'content-encoding': 'gzip' } }, `not gzip ${MARK}`, true],
      [
        { body: Buffer.from(`\xff\xfe ${TOKEN} \xff`, 'latin1') },
        Buffer.from(`\xff\xfe ${MARK} \xff`, 'latin1'),
        true,
      ],
      [{ body: '' }, '', false],
    ];
    for (const [sent] of cases) await call(sent);
    const trace = await traceOf(cases.length);
    for (const [at, [sent, expected, isRedacted]] of cases.entries()) {
      const [head, bytes] = await kept(trace, 'request', at);
      expect([at, bytes.equals(Buffer.from(expected))]).toEqual([at, true]);
      expect(head.headers.get('x-content-redacted')).toBe(isRedacted ? 'true' : null);
      expect(head.headers.get('x-content-sha256')).toBe(sha256(sent.body));
    }
  });

  it('stay in what is kept, byte for byte, of those who have said so', async () => {
    await api('PUT', 'me/capture', { redact: false });
    const body = bodyOf(user(TOKEN));
    await call({ body });
    const [head, bytes] = await kept(await traceOf(1), 'request');
    expect(bytes.toString()).toBe(body);
    expect(head.headers.get('x-content-redacted')).toBeNull();
    await api('PUT', 'me/capture', { redact: true });
    await call({ body, session: 'later' });
    const [, later] = await kept(await traceOf(2), 'request');
    expect(later.toString()).toBe(body.replace(TOKEN, MARK));
  });

  it('are taken out of what an organization keeps of its members, as each of them has chosen', async () => {
    await api('PATCH', `orgs/${person.org}`, { capture: 'required' });
    const member = await newMember(app, person.org, 'developer');
    await call({ body: bodyOf(user(TOKEN)) }, member);
    const [trace] = await tracesOf(app, member, 1);
    const path = `me/traces/${trace!.id}/calls/${trace!.calls[0]!}/request`;
    expect(await (await api('GET', path, undefined, member)).text()).toContain(MARK);
    expect(await notices(member)).toHaveLength(1);
    // Nobody else in the organization is told.
    const audit = await (await api('GET', `orgs/${person.org}/audit-events`)).text();
    expect(audit).not.toContain('secret_sent');
    expect(await notices()).toEqual([]);
  });

  it('leave damage to be told from them', async () => {
    await call({ body: bodyOf(user(`${TOKEN} and more words, so that it is a piece of its own`)) });
    const trace = await traceOf(1);
    expect((await kept(trace, 'request'))[0].status).toBe(200);
    await app.dataSource.query(`UPDATE "trace_bodies" SET "kept_sha256" = sha256('x') WHERE "call_id" = $1`, [
      trace.calls[0],
    ]);
    const [damaged] = await kept(trace, 'request');
    expect(damaged.status).toBe(500);
    await app.dataSource.query(`UPDATE "trace_bodies" SET "kept_sha256" = NULL WHERE "call_id" = $1`, [
      trace.calls[0],
    ]);
    expect((await kept(trace, 'request'))[0].status).toBe(500);
  });

  describe('that went out with the newest turn', () => {
    it.each([true, false])(
      'are told to their person, redacted or not (%s), once a session',
      async (redact) => {
        await api('PUT', 'me/capture', { redact });
        const first = user(`The token is ${TOKEN}, the database postgres://app:hunter2@db`);
        const before = Date.now();
        await call({ body: bodyOf(first) });
        const told = await notices();
        const trace = await traceOf(1);
        expect(told.map(({ details }) => details['kind']).sort()).toEqual(['github_token', 'url_password']);
        for (const { actor, client, details } of told) {
          expect([actor, client, details['call']]).toEqual(['person', 'agent/1', trace.calls[0]]);
          expect(Date.parse(details['sent_at']!)).toBeGreaterThanOrEqual(before - 1_000);
          expect(Date.parse(details['sent_at']!)).toBeLessThanOrEqual(Date.now());
        }
        expect(JSON.stringify(await events())).not.toContain(CANARY);
        expect(app.log).not.toContain(CANARY);

        await call({ body: bodyOf(first) }); // a retry
        await call({ body: bodyOf(first, assistant('Done.'), user(`Again, with ${TOKEN}`)) });
        expect(await notices()).toHaveLength(2);
        await call({ body: bodyOf(user(TOKEN)), session: 'another' });
        expect(await notices()).toHaveLength(3);
      },
    );

    it.each<[string, object[], number]>([
      [
        'in the result of a tool',
        [user('x'), assistant('y'), user([{ type: 'tool_result', content: TOKEN }])],
        1,
      ],
      ['in the first of two messages', [user('x'), assistant('y'), user(TOKEN), user('z')], 1],
      ['before words that the model is to go on from', [user(TOKEN), assistant('{')], 1],
      ['in an earlier turn', [user(TOKEN), assistant('y'), user('z')], 0],
      ['in the words of the model', [user('x'), assistant(TOKEN), user('z')], 0],
      ['in nothing', [user('sk-spinner-wrapper')], 0],
    ])('%s', async (_, messages, count) => {
      await call({ body: bodyOf(...messages) });
      expect(await notices()).toHaveLength(count);
    });

    it('in a compressed request', async () => {
      await call({ body: gzipSync(bodyOf(user(TOKEN))), headers: { 'content-encoding': 'gzip' } });
      expect(await notices()).toHaveLength(1);
    });

    it('are told of once, whichever process writes, and sealed as every event', async () => {
      await call({ body: bodyOf(user(TOKEN)) });
      const [row] = await app.dataSource.query(
        `SELECT "secrets_sent" FROM "trace_contents" WHERE "user_id" = $1`,
        [person.userId],
      );
      expect(row).toEqual({ secrets_sent: ['github_token'] });
      const [queued] = await app.dataSource.query(
        `SELECT count(*)::int AS "count" FROM "audit_events" AS "event" WHERE "action" = 'secret_sent' AND "actor_id" = $1
            AND (EXISTS (SELECT 1 FROM "seal_queue" WHERE "subject_id" = "event"."id"::text)
              OR EXISTS (SELECT 1 FROM "seal_entries" WHERE "subject_id" = "event"."id"::text))`,
        [person.userId],
      );
      expect(queued).toEqual({ count: 1 });
    });

    it('are not looked for where nothing is kept', async () => {
      await keepContent(app, person, false);
      await call({ body: bodyOf(user(TOKEN)) });
      expect(await notices()).toEqual([]);
    });
  });
});
