import { once } from 'node:events';
import { chmod, writeFile } from 'node:fs/promises';
import { createServer, IncomingHttpHeaders, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { UsageHourEntity } from '../src/metering/usage-hour.entity';
import { TestApp } from './support/app';
import { emptyDirectory, freshDatabase } from './support/database';
import { operate } from './support/operator';

const KEY = 'sk-ant-admin01-of-the-test';
const SONNET = 'claude-sonnet-4-5-20250929';

interface Bucket {
  readonly starting_at: string;
  readonly ending_at: string;
  readonly results: readonly object[];
}

const bucket = (day: number, ...results: object[]): Bucket => ({
  starting_at: `2026-11-0${day}T00:00:00Z`,
  ending_at: `2026-11-0${day + 1}T00:00:00Z`,
  results,
});

const tokens = (uncached_input_tokens: number, output_tokens: number) => ({
  ...{ uncached_input_tokens, output_tokens, cache_read_input_tokens: 30, model: SONNET },
  cache_creation: { ephemeral_5m_input_tokens: 40, ephemeral_1h_input_tokens: 50 },
  server_tool_use: { web_search_requests: 0 },
  ...{ api_key_id: null, workspace_id: null, service_tier: null, context_window: null },
});

const cost = (amount: string) => ({
  ...{ currency: 'USD', amount, model: SONNET, cost_type: 'tokens', token_type: 'output_tokens' },
  ...{ description: 'Claude Sonnet 4.5 Usage', workspace_id: null, service_tier: 'standard' },
});

/** The two reports of the Usage and Cost Admin API in their documented shape, a day a page. */
describe('tracevault-server reconcile, against a fake of the documented API', () => {
  let api: Server;
  let env: NodeJS.ProcessEnv;
  let file: string;
  let usage: Bucket[];
  let costs: Bucket[];
  let status: number;
  const requests: { url: URL; headers: IncomingHttpHeaders }[] = [];

  beforeAll(async () => {
    api = createServer((request, response) => {
      const url = new URL(request.url ?? '', 'http://localhost');
      requests.push({ url, headers: request.headers });
      const buckets = url.pathname === '/v1/organizations/cost_report' ? costs : usage;
      const page = Number(url.searchParams.get('page')?.replace('page_', '') ?? 0);
      const has_more = page + 1 < buckets.length;
      const next_page = has_more ? `page_${page + 1}` : null;
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(
          JSON.stringify(status === 200 ? { data: [buckets[page]], has_more, next_page } : { error: KEY }),
        );
    }).listen(0, '127.0.0.1');
    await once(api, 'listening');
    file = join(await emptyDirectory(), 'admin-key');
    await writeFile(file, `${KEY}\n`, { mode: 0o600 });
    const { port } = api.address() as AddressInfo;
    env = { ...(await freshDatabase()), TRACEVAULT_ANTHROPIC_UPSTREAM: `http://127.0.0.1:${port}` };
    const app = await TestApp.start({ env });
    const person = await app.signUp(null);
    const hour = {
      ...{ userId: person.userId, orgId: null, proxyTokenId: null, model: SONNET, calls: 1 },
      ...{ inputTokens: '10', cacheReadTokens: '30', cacheWrite5mTokens: '40', cacheWrite1hTokens: '50' },
      ...{
        outputTokens: '20',
        costNanoUsd: '1237891200',
        estimatedCalls: 0,
        unreadableCalls: 0,
        unpricedCalls: 0,
      },
    };
    await app.dataSource.getRepository(UsageHourEntity).insert([
      { ...hour, provider: 'anthropic', hour: new Date('2026-11-01T23:00:00Z') },
      { ...hour, provider: 'anthropic', hour: new Date('2026-11-02T00:00:00Z') },
      { ...hour, provider: 'openai', hour: new Date('2026-11-02T00:00:00Z') },
    ]);
    await app.close();
  });
  beforeEach(() => {
    usage = [bucket(1, tokens(10, 20)), bucket(2, tokens(10, 20))];
    costs = [bucket(1, cost('100.00'), cost('23.78912')), bucket(2, cost('123.78912'))];
    status = 200;
    requests.length = 0;
  });
  afterAll(() => {
    api.close();
  });

  const reconcile = (...others: string[]) => {
    const args = ['--from', '2026-11-01', '--to', '2026-11-02', '--provider', 'anthropic'];
    return operate(['reconcile', ...args, '--admin-key-file', file, ...others], env);
  };

  it('says that both agree, after every page of both reports, and exits with 0', async () => {
    expect(await reconcile()).toEqual({
      code: 0,
      out: 'The ledger and anthropic agree from 2026-11-01 to 2026-11-02 (UTC), on each day and model.\n',
      err: '',
    });
    expect(requests).toHaveLength(4);
    expect(requests.map(({ headers }) => headers['x-api-key'])).toEqual([KEY, KEY, KEY, KEY]);
    expect(requests[0]!.headers['anthropic-version']).toBe('2023-06-01');
    expect(Object.fromEntries(requests[1]!.url.searchParams)).toEqual({
      ...{ starting_at: '2026-11-01T00:00:00Z', ending_at: '2026-11-03T00:00:00Z', bucket_width: '1d' },
      ...{ 'group_by[]': 'model', limit: '31', page: 'page_1' },
    });
    expect(requests[3]!.url.searchParams.get('group_by[]')).toBe('description');
  });

  it('lists what differs by day and model, and exits with 3', async () => {
    usage[1] = bucket(2, tokens(11, 20), { ...tokens(1, 0), model: 'claude-opus-4-8' });
    costs[1] = bucket(2, cost('125'), { ...cost('2'), model: null, cost_type: 'web_search' });
    const { code, out } = await reconcile();
    expect(code).toBe(3);
    expect(out.split('\n').map((line) => line.replaceAll(/ {2,}/g, ' | '))).toEqual([
      'day | model | what | ledger | anthropic | difference',
      '2026-11-02 | (no model) | cost | 0 USD | 0.02 USD | -0.02 USD',
      '2026-11-02 | claude-opus-4-8 | input | 0 | 1 | -1',
      '2026-11-02 | claude-opus-4-8 | cache read | 0 | 30 | -30',
      '2026-11-02 | claude-opus-4-8 | cache write 5m | 0 | 40 | -40',
      '2026-11-02 | claude-opus-4-8 | cache write 1h | 0 | 50 | -50',
      `2026-11-02 | ${SONNET} | input | 10 | 11 | -1`,
      `2026-11-02 | ${SONNET} | cost | 1.2378912 USD | 1.25 USD | -0.0121088 USD`,
      'The ledger and anthropic differ from 2026-11-01 to 2026-11-02 (UTC). What does not pass the proxy is not in the ledger.',
      '',
    ]);
  });

  it.each([
    [401, /refused the Admin API key \(401\)\. Check/],
    [429, /asks to wait/],
    [500, /answered 500/],
  ])('says what to do when the API answers %i, without the key', async (code, message) => {
    status = code;
    const ran = await reconcile();
    expect(ran).toMatchObject({ code: 1, out: '', err: expect.stringMatching(message) });
    expect(ran.err).not.toContain(KEY);
  });

  it('refuses an answer in another form', async () => {
    costs = [bucket(1, { amount: 12, currency: 'USD' })];
    expect(await reconcile()).toMatchObject({ code: 1, err: expect.stringContaining('documented form') });
  });

  it('refuses a key file that others can read, one that is not there, and one without such a key', async () => {
    await chmod(file, 0o644);
    expect(await reconcile()).toMatchObject({ code: 1, err: expect.stringContaining('chmod 600') });
    await chmod(file, 0o600);
    const wrong = join(await emptyDirectory(), 'wrong');
    await writeFile(wrong, 'sk-ant-api03-SECRET', { mode: 0o600 });
    const ran = await reconcile('--admin-key-file', wrong);
    expect(ran).toMatchObject({ code: 1, err: expect.stringContaining('begins with sk-ant-admin') });
    expect(ran.err).not.toContain('SECRET');
    expect((await reconcile('--admin-key-file', `${wrong}-gone`)).err).toContain('ENOENT');
    expect(requests).toEqual([]);
  });

  it('says so when the API can’t be reached, and when the days are wrong', async () => {
    const args = ['--admin-key-file', file, '--provider', 'anthropic', '--from', '2026-11-02'];
    const nowhere = { ...env, TRACEVAULT_ANTHROPIC_UPSTREAM: 'http://127.0.0.1:9' };
    expect(await operate(['reconcile', ...args, '--to', '2026-11-02'], nowhere)).toMatchObject({
      code: 1,
      err: expect.stringContaining("http://127.0.0.1:9 can't be reached"),
    });
    expect(await operate(['reconcile', ...args, '--to', '2026-11-01'], env)).toMatchObject({ code: 2 });
  });
});
