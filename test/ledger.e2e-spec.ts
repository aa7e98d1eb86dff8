import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { CallRow } from '../src/metering/call-row';
import { LedgerRetentionService } from '../src/metering/ledger-retention.service';
import { LedgerRepository } from '../src/metering/ledger.repository';
import { CreateOrgUsageHourly1764000000022 } from '../migrations/1764000000022-create-org-usage-hourly';
import { UsageHourEntity } from '../src/metering/usage-hour.entity';
import { Person, useApp } from './support/app';
import { blockEventLoop } from './support/block-event-loop';
import { callRow, EMPTY_ROW } from './support/call-rows';
import { emptyDirectory } from './support/database';
import { newMember } from './support/people';

const EVENTS = [
  [
    'message_start',
    {
      type: 'message_start',
      message: {
        id: 'msg_1',
        model: 'claude-opus-4-8',
        usage: { input_tokens: 10, cache_read_input_tokens: 100, output_tokens: 1 },
      },
    },
  ],
  [
    'content_block_delta',
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'hello' } },
  ],
  [
    'message_delta',
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 15 } },
  ],
  ['message_stop', { type: 'message_stop' }],
] as const;
const STREAM = EVENTS.map(([event, data]) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`).join('');

describe('the ledger', () => {
  const app = useApp();
  let person: Person;

  beforeEach(async () => {
    person = await app.signUp();
    app.upstream.answerWith((request, response) => {
      request.resume();
      response
        .writeHead(200, { 'content-type': 'text/event-stream', 'request-id': 'req_vendor' })
        .end(STREAM);
    });
  });

  const send = (headers: Record<string, string> = {}, path = '/v1/messages') =>
    fetch(app.proxyUrl + path, {
      method: 'POST',
      headers: { 'x-api-key': person.token, 'user-agent': 'agent/1.0', ...headers },
      body: JSON.stringify({ model: 'claude-opus-4-8', stream: true, messages: [] }),
    });

  it('has a row for each call: who, when, which model, how many tokens', async () => {
    const before = Date.now();
    await (
      await send({ 'x-claude-code-session-id': 'session-1', 'x-claude-code-agent-id': 'agent-1' })
    ).text();
    const [row] = await app.calls(person);
    expect(row).toMatchObject({
      id: expect.stringMatching(/^req_tv_/),
      userId: person.userId,
      keySource: 'own',
      provider: 'anthropic',
      endpoint: 'messages',
      requestedModel: 'claude-opus-4-8',
      model: 'claude-opus-4-8',
      status: 200,
      outcome: 'completed',
      usageState: 'measured',
      inputTokens: '10',
      cacheReadTokens: '100',
      cacheWrite5mTokens: '0',
      outputTokens: '15',
      agentSessionId: 'session-1',
      agentId: 'agent-1',
      client: 'agent/1.0',
      upstreamRequestId: 'req_vendor',
      messageId: 'msg_1',
      stopReason: 'end_turn',
      responseBytes: String(STREAM.length),
    });
    expect(row!.at.getTime()).toBeGreaterThanOrEqual(before - 1);
    expect(row!.orgId).not.toBeNull();
  });

  it('adds calls up by the hour', async () => {
    for (let calls = 0; calls < 3; calls++) await (await send()).text();
    await app.calls(person, 3);
    const sums = await app.dataSource.getRepository(UsageHourEntity).findBy({ userId: person.userId });
    const total = (name: 'inputTokens' | 'outputTokens' | 'calls') =>
      sums.reduce((sum, row) => sum + Number(row[name]), 0);
    expect([total('calls'), total('inputTokens'), total('outputTokens')]).toEqual([3, 30, 45]);
  });

  it('sheds the reading, and nothing of the stream, when the event loop is behind: unreadable, and counted so', async () => {
    app.upstream.answerWith((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      void (async () => {
        for (const event of STREAM.split(/(?<=\n\n)/)) {
          response.write(event);
          blockEventLoop(400);
          await nextTurn();
        }
        response.end();
      })();
    });
    expect(await (await send()).text()).toBe(STREAM);
    const [row] = await app.calls(person);
    expect(row).toMatchObject({
      ...{ outcome: 'completed', usageState: 'unreadable', responseBytes: String(STREAM.length) },
      ...{ inputTokens: '0', outputTokens: '0', costNanoUsd: null },
    });
    const sums = await app.dataSource.getRepository(UsageHourEntity).findBy({ userId: person.userId });
    expect(sums).toMatchObject([{ calls: 1, unreadableCalls: 1, costNanoUsd: '0' }]);
  });

  it('has a row for a call whose client left, with what was seen until then, and marked so', async () => {
    app.upstream.answerWith((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(STREAM.slice(0, STREAM.indexOf('event: message_delta')));
    });
    const leaving = new AbortController();
    const response = await fetch(`${app.proxyUrl}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': person.token },
      body: '{"model":"claude-opus-4-8"}',
      signal: leaving.signal,
    });
    const reader = response.body!.getReader();
    await reader.read();
    leaving.abort();
    await reader.closed.catch(() => undefined);
    const [row] = await app.calls(person);
    expect(row).toMatchObject({
      outcome: 'client_aborted',
      usageState: 'estimated',
      inputTokens: '10',
      model: 'claude-opus-4-8',
    });
    expect(Number(row!.outputTokens)).toBeGreaterThan(0);
  });

  it('has no usage of an error of the provider, and no row of a request that never reached it', async () => {
    app.upstream.answerWith((_, response) => void response.writeHead(529).end('{}'));
    await (await send()).text();
    await (await send({ 'x-api-key': 'tvp_wrong' })).text();
    expect(await app.calls(person)).toMatchObject([
      { status: 529, usageState: 'none', outputTokens: '0', costNanoUsd: null },
    ]);
  });
});

interface Usage {
  readonly from: string;
  readonly to: string;
  readonly total: Record<string, number | string>;
  readonly groups: { key: Record<string, string | null>; calls: number; output_tokens: number }[];
}

describe('what calls used', () => {
  const app = useApp();
  let owner: Person;
  let member: Person;

  const usage = async ({ token }: { token: string }, path: string): Promise<Usage> =>
    (await (await app.api('GET', path, { token })).json()) as Usage;
  const call = async ({ token }: { token: string }, model: string) => {
    const body = JSON.stringify({ model, messages: [] });
    const headers = { 'x-api-key': token, 'x-claude-code-session-id': `of ${model}` };
    await (await fetch(`${app.proxyUrl}/v1/messages`, { method: 'POST', headers, body })).text();
  };

  beforeAll(async () => {
    app.upstream.answerWith(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { model } = JSON.parse(Buffer.concat(chunks).toString()) as { model: string };
      const answer = { id: 'msg_2', type: 'message', model, usage: { input_tokens: 7, output_tokens: 3 } };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
    owner = await app.signUp();
    member = await newMember(app, owner.org, 'developer');
    await call(owner, 'claude-opus-4-8');
    await call(owner, 'claude-haiku-4-5');
    await call(member, 'claude-haiku-4-5');
    await app.calls(owner, 2);
    await app.calls(member);
  });

  it('is added up for a person, and by up to two groups', async () => {
    const today = new Date().toISOString().slice(0, 10);
    const mine = await usage(owner, `me/usage?group_by=model,day&from=${today}`);
    expect(mine).toMatchObject({ from: today, total: { calls: 2, input_tokens: 14, output_tokens: 6 } });
    expect(mine.groups).toMatchObject([
      { key: { model: 'claude-haiku-4-5', day: today }, calls: 1, output_tokens: 3 },
      { key: { model: 'claude-opus-4-8', day: today }, calls: 1, output_tokens: 3 },
    ]);
    expect(await usage(owner, 'me/usage')).toMatchObject({ total: { calls: 2 }, groups: [] });
    expect(await usage(owner, 'me/usage?from=2020-01-01&to=2020-02-01&group_by=day')).toMatchObject({
      total: { calls: 0, cost_usd: '0' },
      groups: [],
    });
  });

  it.each(['day', 'hour', 'model', 'provider', 'token', 'session', 'client', 'person'])(
    'is the same in all, whatever it is grouped by: %s',
    async (group) => {
      for (const zone of ['UTC', 'Asia/Kolkata', 'America/St_Johns', 'Pacific/Apia']) {
        const by = (name: string) =>
          usage(owner, `orgs/${owner.org}/usage?group_by=${name}&time_zone=${zone}`);
        const all = await by(group);
        expect([zone, all.total]).toEqual([zone, (await by('session')).total]); // added up from the calls
        expect([zone, all.total.calls, all.groups.reduce((sum, { calls }) => sum + calls, 0)]).toEqual([
          zone,
          3,
          3,
        ]);
      }
    },
  );

  it('of an organization before it had sums of its own is in them after the migration', async () => {
    const path = `orgs/${owner.org}/usage?group_by=provider,model`;
    const before = await usage(owner, path);
    const migration = new CreateOrgUsageHourly1764000000022();
    await app.dataSource.transaction(async ({ queryRunner }) => {
      await migration.down(queryRunner!);
      await migration.up(queryRunner!);
    });
    expect(before.total.calls).toBe(3);
    expect(await usage(owner, path)).toEqual(before);
  });

  it('of an organization is for owners and admins; members see their own part', async () => {
    const path = `orgs/${owner.org}/usage?group_by=person`;
    expect((await usage(owner, path)).groups).toHaveLength(2);
    expect((await usage(member, path)).groups).toMatchObject([{ key: { person: member.userId }, calls: 1 }]);
    const stranger = await app.signUp();
    expect((await app.api('GET', path, stranger)).status).toBe(404);
  });

  it('is listed call by call, page by page, with filters', async () => {
    const list = async (who: Person, path: string) =>
      (await (await app.api('GET', path, { token: who.token })).json()) as {
        calls: { id: string; model: string; user_id: string }[];
        next_cursor: string | null;
      };
    const first = await list(owner, `orgs/${owner.org}/calls?limit=2`);
    expect(first.calls).toHaveLength(2);
    const second = await list(owner, `orgs/${owner.org}/calls?limit=2&cursor=${first.next_cursor}`);
    expect([second.calls.length, second.next_cursor]).toEqual([1, null]);
    expect(new Set([...first.calls, ...second.calls].map(({ id }) => id)).size).toBe(3);
    expect((await list(owner, 'me/calls?model=claude-opus-4-8')).calls).toMatchObject([
      { model: 'claude-opus-4-8' },
    ]);
    expect((await list(owner, `orgs/${owner.org}/calls?person=${member.userId}`)).calls).toMatchObject([
      { user_id: member.userId },
    ]);
    expect((await list(owner, 'me/calls?session=of%20claude-haiku-4-5')).calls).toHaveLength(1);
    const [own] = (await list(member, 'me/calls')).calls;
    expect((await app.api('GET', `me/calls/${own!.id}`, { token: member.token })).status).toBe(200);
    expect((await app.api('GET', `orgs/${owner.org}/calls/${own!.id}`, { token: owner.token })).status).toBe(
      200,
    );
    for (const id of [own!.id, '%00', 'no-such'])
      expect((await app.api('GET', `me/calls/${id}`, { token: owner.token })).status).toBe(404);
  });

  it.each([
    ['me/usage?from=2026-02-30', 'invalid_date'],
    ['me/usage?from=2026-03-02&to=2026-03-01', 'invalid_period'],
    ['me/usage?from=2020-01-01&to=2022-01-01', 'invalid_period'],
    ['me/usage?group_by=colour', 'not_allowed'],
    ['me/usage?group_by=day,model,token', 'too_many'],
    ['me/usage?time_zone=Mars/Olympus', 'invalid_time_zone'],
    ['me/calls?cursor=nonsense', 'invalid_cursor'],
    [
      `me/calls?cursor=${Buffer.from('2026-02-30T00:00:00.000Z req').toString('base64url')}`,
      'invalid_cursor',
    ],
    ['me/usage?to=0001-01-05', 'invalid_date'],
    ['me/usage?time_zone=CET', 'invalid_time_zone'],
    ['me/calls?model=%00', 'invalid_characters'],
    ['me/calls?session=a&session=b', 'invalid_type'],
    ['me/calls?limit=201', 'too_large'],
    ['me/calls?token=mine', 'invalid_id'],
    ['me/calls?colour=red', 'unknown_field'],
  ])('is refused for %s: %s', async (path, code) => {
    const response = await app.api('GET', path, { token: owner.token });
    expect([response.status, await response.json()]).toEqual([
      400,
      expect.objectContaining({ errors: [expect.objectContaining({ code })] }),
    ]);
  });
});

describe('the retention of the ledger', () => {
  const app = useApp({ env: { TRACEVAULT_LEDGER_RETENTION_DAYS: '40' } });

  it('drops whole months, and the sums stay', async () => {
    const ledger = app.app.get(LedgerRepository, { strict: false });
    const person = await app.signUp();
    const row = (id: string, at: Date) => ({
      ...EMPTY_ROW,
      id,
      at: at.toISOString(),
      user_id: person.userId,
    });
    const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);
    await ledger.insert([row('old', daysAgo(80)), row('kept', daysAgo(39)), row('new', new Date())]);
    await app.app.get(LedgerRetentionService, { strict: false }).drop();
    expect((await app.calls(person, 2)).map(({ id }) => id)).toEqual(['kept', 'new']);
    expect(await app.dataSource.getRepository(UsageHourEntity).countBy({ userId: person.userId })).toBe(3);
  });

  it('takes a row once, however often it is written, and usage that is reported again once', async () => {
    const ledger = app.app.get(LedgerRepository, { strict: false });
    const person = await app.signUp();
    const row = (id: string, more: Partial<CallRow> = {}): CallRow => ({
      ...EMPTY_ROW,
      ...{ id, at: new Date().toISOString(), user_id: person.userId },
      ...{ usage_state: 'measured', input_tokens: 5, cost_nano_usd: '7', ...more },
    });
    const first = row('a', { once_key: `once ${person.userId}` });
    await ledger.insert([
      first,
      row('b', { once_key: first.once_key, endpoint: 'batches.result' }),
      row('c'),
    ]);
    await ledger.insert([first, row('d', { once_key: first.once_key })]);
    expect(await app.calls(person, 3)).toMatchObject([
      { id: 'a', inputTokens: '5', costNanoUsd: '7' },
      { id: 'c', inputTokens: '5' },
      { id: 'd', inputTokens: '0', costNanoUsd: null, usageState: 'none' },
    ]);
    const sums = await app.dataSource.getRepository(UsageHourEntity).findBy({ userId: person.userId });
    expect(sums.reduce((sum, { costNanoUsd }) => sum + BigInt(costNanoUsd), 0n)).toBe(14n);
    expect(sums.reduce((sum, { calls }) => sum + calls, 0)).toBe(3);
  });
});

describe('a damaged file of the spool', () => {
  const userId = randomUUID();
  const call = (id: string, more: object = {}) =>
    JSON.stringify({ ...callRow({ id, user_id: userId }), ...more });
  const damaged = [
    'null',
    '[]',
    '{}',
    call('untimed', { at: null }),
    call('wrong', { input_tokens: 'many' }),
  ];
  const refused = call('refused', { status: 100_000 }); // beyond the column
  let directory: string;

  beforeAll(async () => {
    directory = await emptyDirectory();
    const file = join(directory, `calls-${hostname()}-999999999-${'0'.repeat(12)}.jsonl`);
    writeFileSync(file, [call('first'), ...damaged, refused, call('last'), ''].join('\n'));
  });
  const app = useApp({
    adjust: (config) => ({ ...config, spool: { ...config.spool, directory } }),
  });

  it('holds up no call: what is none is set aside, and said', async () => {
    expect((await app.calls({ userId }, 2)).map(({ id }) => id).sort()).toEqual(['first', 'last']);
    while (readdirSync(directory).some((name) => name.startsWith('calls-'))) await sleep(20);
    const lines = readFileSync(join(directory, 'rejected.jsonl'), 'utf8').trimEnd().split('\n');
    expect(lines.sort()).toEqual([...damaged, refused].sort());
    expect(app.log).toMatch(/"rows":5,"file":"calls-[^"]+","msg":"Lines of the spool are no calls/);
    expect(app.log).toContain('The database refused a call');
  });
});
