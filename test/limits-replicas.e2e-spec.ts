import { setTimeout as sleep } from 'node:timers/promises';
import { FakeAnthropic } from './support/fake-anthropic';
import { freshDatabase } from './support/database';
import { runServer, signUpAt, TestProcess } from './support/process';
import { postgresOnly } from './support/which-database';

const MODEL = 'claude-haiku-4-5';
/** What a call costs, in USD, and what it is reserved at. */
const COST = 0.00501;

/** Two servers in processes of their own on one PostgreSQL, as behind a load balancer. */
postgresOnly('a limit on two replicas', () => {
  const processes: TestProcess[] = [];
  let upstream: FakeAnthropic;
  let env: NodeJS.ProcessEnv;
  let urls: [string, string];
  let token: string;
  let org: string;

  beforeAll(async () => {
    upstream = await FakeAnthropic.start();
    env = { ...(await freshDatabase()), TRACEVAULT_ANTHROPIC_UPSTREAM: upstream.url };
    const replicas = await Promise.all([runServer(env), runServer(env)]);
    processes.push(...replicas.map(({ server }) => server));
    urls = replicas.map(({ url }) => url) as [string, string];
    token = await signUpAt(urls[0], 'sk-ant-own-key');
    const me = (await (await api(urls[0], 'GET', 'auth/me')).json()) as { orgs: { name: string }[] };
    org = me.orgs[0]!.name;
  });
  afterAll(async () => {
    for (const { child } of processes) child.kill('SIGKILL');
    await upstream.close();
  });

  const api = (url: string, method: string, path: string, body?: object): Promise<Response> =>
    fetch(`${url}/api/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const limit = async (amount_usd: string): Promise<string> => {
    const body = { kind: 'spend', scope: 'everyone', period: 'month', amount_usd, count_personal_keys: true };
    const response = await api(urls[0], 'POST', `orgs/${org}/limits`, body);
    await sleep(1_000); // the other replica has heard of it
    return ((await response.json()) as { id: string }).id;
  };
  const effective = async (url: string): Promise<{ spent_usd: string; reserved_usd: string }> => {
    const limits = (await (await api(url, 'GET', 'me/limits')).json()) as never[];
    return limits[0] as never;
  };
  /** Returns what is spent once the ledger holds so many calls, or what it is after ten seconds. */
  const spentOf = async (url: string, calls: number): Promise<number> => {
    const until = performance.now() + 10_000;
    let spent = Number((await effective(url)).spent_usd);
    while (spent < calls * COST - 1e-6 && performance.now() < until) {
      await sleep(300);
      spent = Number((await effective(url)).spent_usd);
    }
    return spent;
  };
  const call = async (url: string): Promise<number> => {
    const response = await fetch(`${url}/proxy/anthropic/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': token },
      body: JSON.stringify({ model: MODEL, max_tokens: 1_000, messages: [] }),
    });
    await response.arrayBuffer().catch(() => undefined);
    return response.status;
  };
  const answerAfter = (ms: number): void => {
    const usage = { input_tokens: 10, output_tokens: 1_000 };
    upstream.answerWith(async (request, response) => {
      request.resume();
      await sleep(ms);
      const body = { type: 'message', id: 'msg_1', model: MODEL, content: [], usage };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  };

  it('is not passed by five hundred calls at the same time, and used to its end', async () => {
    const id = await limit('1.00');
    answerAfter(200);
    const statuses = await Promise.all(Array.from({ length: 500 }, (_, index) => call(urls[index % 2]!)));
    expect(processes.map(({ output }) => output).join('')).not.toContain('can’t be checked');
    const admitted = statuses.filter((status) => status === 200).length;
    expect(statuses.filter((status) => status === 429)).toHaveLength(500 - admitted);
    const spent = await spentOf(urls[1], admitted);
    expect(spent).toBeCloseTo(admitted * COST, 6);
    expect(spent).toBeLessThanOrEqual(1);
    // What is left is less than what one call is reserved at, but for what one replica had in advance when the other refused.
    expect(spent).toBeGreaterThan(0.8);
    let more = 0;
    while ((await call(urls[more % 2]!)) === 200) more += 1;
    const all = await spentOf(urls[0], admitted + more);
    expect(all).toBeCloseTo((admitted + more) * COST, 6);
    expect(all).toBeLessThanOrEqual(1);
    await api(urls[0], 'DELETE', `orgs/${org}/limits/${id}`);
    await sleep(1_000);
  }, 60_000);

  it('returns what a replica had reserved that was killed, within half a minute', async () => {
    const before = await limit('1.50').then(() => effective(urls[0]));
    answerAfter(600_000);
    const lost = Array.from({ length: 80 }, () => call(urls[1]).catch(() => 0));
    while (Number((await effective(urls[0])).reserved_usd) < 0.3) await sleep(300);
    processes[1]!.child.kill('SIGKILL');
    const killed = performance.now();
    expect((await Promise.all(lost)).filter((status) => status === 200)).toHaveLength(0);
    answerAfter(0);
    const left = 1.5 - Number(before.spent_usd);
    let admitted = 0;
    while (performance.now() - killed < 40_000 && (admitted + 1) * COST * 1.02 < left) {
      if ((await call(urls[0])) === 200) admitted += 1;
      else await sleep(500);
    }
    expect((admitted + 1) * COST * 1.02).toBeGreaterThanOrEqual(left);
    const earlier = Number(before.spent_usd) / COST;
    expect(await spentOf(urls[0], earlier + admitted)).toBeCloseTo((earlier + admitted) * COST, 6);
  }, 90_000);
});
