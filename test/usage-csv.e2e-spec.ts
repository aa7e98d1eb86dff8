import { get, IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Exchanges } from '../src/exchange/exchanges';
import { UsageDto } from '../src/me/usage.dto';
import { LedgerRepository } from '../src/metering/ledger.repository';
import { Person, useApp } from './support/app';
import { callRow } from './support/call-rows';
import { Cli } from './support/cli';
import { newMember } from './support/people';

const TODAY = new Date().toISOString().slice(0, 10);

describe('usage as CSV', () => {
  const app = useApp();
  let owner: Person;
  let member: Person;
  let orgId: string;

  beforeAll(async () => {
    owner = await app.signUp();
    member = await newMember(app, owner.org, 'developer');
    [{ id: orgId }] = await app.dataSource.query('SELECT id FROM orgs WHERE name = $1', [owner.org]);
    const row = { org_id: orgId, user_id: owner.userId, cost_nano_usd: '1000000001' };
    await app.app
      .get(LedgerRepository, { strict: false })
      .insert([
        callRow({ ...row, id: 'req_1', model: 'claude-opus-4-8', input_tokens: 12, client: '=1+1' }),
        callRow({ ...row, id: 'req_2', model: '@SUM(A1)', client: 'a "quoted", one' }),
        callRow({ ...row, id: 'req_3', model: 'no-price', cost_nano_usd: null }),
        callRow({ ...row, id: 'req_4', user_id: member.userId, model: null, client: 'Zoë/1' }),
      ]);
  });

  const file = async ({ token }: { token: string }, path: string) => {
    const response = await app.api('GET', path, { token });
    const text = await response.text();
    return { response, text, lines: text.split('\r\n') };
  };

  it('has a row of names and one for each group, with exact decimals', async () => {
    const { response, lines } = await file(owner, `me/usage.csv?group_by=model,day&from=${TODAY}`);
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="tracevault-usage-${TODAY}-to-${TODAY}.csv"`,
      'cache-control': 'no-store',
    });
    expect(lines).toEqual([
      'model,day,calls,input_tokens,cache_read_tokens,cache_write_5m_tokens,cache_write_1h_tokens,' +
        'output_tokens,cost_usd,estimated_calls,unreadable_calls,unpriced_calls',
      `'@SUM(A1),${TODAY},1,0,0,0,0,0,1.000000001,0,0,0`,
      `claude-opus-4-8,${TODAY},1,12,0,0,0,0,1.000000001,0,0,0`,
      `no-price,${TODAY},1,0,0,0,0,0,0,0,0,1`,
      '',
    ]);
    expect((await file(owner, 'me/usage.csv')).lines[1]).toBe('3,12,0,0,0,0,2.000000002,0,0,1');
  });

  it('has the columns of the JSON for calls, and no cell that a spreadsheet would compute', async () => {
    const { response, text, lines } = await file(owner, `me/calls.csv?from=${TODAY}`);
    const json = await (await app.api('GET', 'me/calls', { token: owner.token })).json();
    const { calls } = json as { calls: Record<string, unknown>[] };
    expect(lines[0]).toBe(Object.keys(calls[0]!).join(','));
    expect(lines).toHaveLength(5);
    expect(response.headers.get('content-disposition')).toContain(
      `"tracevault-calls-${TODAY}-to-${TODAY}.csv"`,
    );
    expect(text).toContain(`,'=1+1,`);
    expect(text).toContain(',"a ""quoted"", one",');
    const columns = lines[0]!.split(',');
    const unpriced = lines.find((line) => line.startsWith('req_3'))!.split(',');
    expect(unpriced[columns.indexOf('cost_usd')]).toBe('');
  });

  it('of an organization is for owners and admins; members see their own part, and strangers none', async () => {
    const path = `orgs/${owner.org}/calls.csv`;
    const all = await file(owner, path);
    expect(all.lines).toHaveLength(6);
    expect(all.text).toContain(',Zoë/1,');
    expect(all.response.headers.get('content-disposition')).toContain(`tracevault-${owner.org}-calls-`);
    expect((await file(owner, `${path}?person=${member.userId}`)).lines).toHaveLength(3);
    expect((await file(member, path)).lines).toHaveLength(3);
    const usage = `orgs/${owner.org}/usage.csv?group_by=person`;
    expect((await file(owner, usage)).lines).toHaveLength(4);
    expect((await file(member, usage)).lines[1]).toMatch(new RegExp(`^${member.userId},1,`));
    const stranger = await app.signUp();
    for (const one of [path, usage]) expect((await file(stranger, one)).response.status).toBe(404);
  });

  it('is a row of names where there was no call', async () => {
    for (const path of ['me/calls.csv', 'me/usage.csv?group_by=day'])
      expect((await file(await app.signUp(), path)).lines).toEqual([expect.stringMatching(/,/), '']);
  });

  it.each([
    ['me/usage.csv?from=2026-02-30', 'invalid_date'],
    ['me/usage.csv?from=2026-03-02&to=2026-03-01', 'invalid_period'],
    ['me/usage.csv?group_by=colour', 'not_allowed'],
    ['me/calls.csv?from=2026-03-02&to=2026-03-01', 'invalid_period'],
    ['me/calls.csv?model=%00', 'invalid_characters'],
    ['me/calls.csv?limit=10', 'unknown_field'],
    ['me/calls.csv?cursor=x', 'unknown_field'],
  ])('is refused as the JSON is for %s: %s', async (path, code) => {
    const response = await app.api('GET', path, { token: owner.token });
    expect([response.status, response.headers.get('content-type'), await response.json()]).toEqual([
      400,
      expect.stringContaining('application/json'),
      expect.objectContaining({ errors: [expect.objectContaining({ code })] }),
    ]);
  });

  it('is not for who is not signed in', async () => {
    expect((await app.api('GET', 'me/calls.csv')).status).toBe(401);
  });
});

describe('a long ledger', () => {
  const app = useApp();
  const CALLS = 6_000;
  const SESSIONS = 5_500;
  let person: Person;
  let pages = 0;

  beforeAll(async () => {
    person = await app.signUp();
    // More than a connection takes before anybody reads of it.
    const client = 'c'.repeat(2_000);
    const first = callRow({ id: 'first', user_id: person.userId, cost_nano_usd: '1', client });
    await app.app.get(LedgerRepository, { strict: false }).insert([first]);
    // Many calls of one moment: pages must not lose those that a page ends between.
    await app.dataSource.query(
      `INSERT INTO calls SELECT ("row").* FROM (
         SELECT jsonb_populate_record("call", jsonb_build_object(
           'id', 'req_' || n, 'at', "call"."at" + (n / 700) * interval '1 millisecond',
           'agent_session_id', CASE WHEN n % 100 = 0 THEN NULL ELSE 'session ' || n % ${SESSIONS} END)) AS "row"
         FROM calls AS "call", generate_series(2, ${CALLS}) AS n WHERE "call"."id" = 'first') AS "rows"`,
    );
    const { logger } = app.dataSource;
    app.dataSource.logger = Object.assign(Object.create(logger), {
      logQuery: (query: string) => {
        if (/FROM "calls"/.test(query)) pages++;
      },
    });
  });
  beforeEach(() => {
    pages = 0;
  });

  const lines = async (path: string): Promise<string[]> =>
    (await (await app.api('GET', path, { token: person.token })).text()).trimEnd().split('\r\n').slice(1);

  it('comes whole, each call once and the newest first, in pages', async () => {
    const ids = (await lines('me/calls.csv')).map((line) => line.slice(0, line.indexOf(',')));
    expect([ids.length, new Set(ids).size]).toEqual([CALLS, CALLS]);
    expect([ids.at(-1), pages]).toEqual(['first', CALLS / 500 + 1]);
  });

  it('comes in groups, each once, also those without a key', async () => {
    const sessions = await lines('me/usage.csv?group_by=session,client');
    const calls = sessions.map((line) => Number(line.split(',')[2]));
    expect(new Set(sessions.map((line) => line.split(',')[0])).size).toBe(sessions.length);
    expect([
      sessions.filter((line) => line.startsWith(',')).length,
      calls.reduce((sum, n) => sum + n, 0),
    ]).toEqual([1, CALLS]);
    expect(pages).toBe(Math.ceil(sessions.length / 5_000));
  });

  it('as JSON has at most 5,000 groups: those that cost most, and how many more there are', async () => {
    const all = await lines('me/usage.csv?group_by=session');
    const response = await app.api('GET', 'me/usage?group_by=session', { token: person.token });
    const { total, groups, omitted_groups } = (await response.json()) as UsageDto;
    expect([groups.length, omitted_groups, total.calls]).toEqual([5_000, all.length - 5_000, CALLS]);
    const dearOnes = groups.filter(({ calls }) => calls > 1);
    expect(dearOnes).toHaveLength(all.filter((line) => line.split(',')[1] !== '1').length);
    expect(dearOnes.length).toBeGreaterThan(400);
    const names = groups.flatMap(({ key }) => key.session ?? []);
    expect([names.length, new Set(names).size]).toEqual([4_999, 4_999]);
    const few = await app.api('GET', 'me/usage?group_by=day', { token: person.token });
    expect(((await few.json()) as UsageDto).omitted_groups).toBe(0);
  });

  it('is said by the command to be more than it shows', async () => {
    const cli = await Cli.inNewHome();
    const { token, email } = person;
    await cli.writeCredentials({ server_url: app.url, token, email, expires_at: '2099-01-01T00:00:00.000Z' });
    const { code, err } = await cli.run(['usage', '--by', 'session']);
    expect([code, err]).toEqual([
      0,
      expect.stringMatching(/These are the 5000 that cost most\. \d+ more are in the total alone/),
    ]);
  });

  it('is not read further for a client that has left', async () => {
    const request = get(`${app.url}/api/v1/me/calls.csv`, {
      headers: { authorization: `Bearer ${person.token}` },
    });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(200);
    await once(response, 'readable'); // and reads nothing of it
    request.destroy();
    const exchanges = app.app.get(Exchanges);
    while (exchanges.openCount > 0) await sleep(5);
    const read = pages;
    for (let count = 0; count < 5; count++) await app.api('GET', 'me', { token: person.token });
    expect(pages).toBe(read);
    expect(read).toBeLessThan(CALLS / 500);
  });
});
