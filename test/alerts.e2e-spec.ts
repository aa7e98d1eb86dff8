import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LimitAlertEntity } from '../src/limits/limit-alert.entity';
import { LimitAlertsService } from '../src/limits/limit-alerts.service';
import { Reservations } from '../src/limits/reservations';
import { LedgerRepository } from '../src/metering/ledger.repository';
import { Person, TestApp } from './support/app';
import { callRow } from './support/call-rows';
import { emptyDirectory, freshDatabase } from './support/database';
import { readText } from './support/manifests';
import { Scrape } from './support/metrics';
import { freePort } from './support/process';
import { tunnelling } from './support/tunnel';
import { Received, WebhookReceiver } from './support/webhook-receiver';
import { postgresOnly } from './support/which-database';

const SECRET = `whsec_${randomBytes(32).toString('base64')}`;
const MODEL = 'claude-haiku-4-5';

describe('the webhook of limits', () => {
  let receiver: WebhookReceiver;
  let metricsPort: number;
  let app: TestApp;
  let person: Person;
  const closing: (() => unknown)[] = [];

  /** Starts a server that tells the receiver, in front of an upstream whose calls cost 0.002 USD. */
  const start = async (env: NodeJS.ProcessEnv = {}, retryMs = [50, 50]): Promise<TestApp> => {
    const started = await TestApp.start({
      env: {
        TRACEVAULT_ALERT_WEBHOOK: `http://127.0.0.1:${receiver.port}/hook/CANARYpath?key=CANARYquery`,
        TRACEVAULT_ALERT_WEBHOOK_SECRET: SECRET,
        ...env,
      },
      adjust: (config) => ({
        ...config,
        ledgerFlushMs: 20,
        alertWebhook: { ...config.alertWebhook!, retryMs },
      }),
    });
    started.upstream.answerWith((request, response) => {
      const usage = { input_tokens: 2_000, output_tokens: 0 };
      const body = JSON.stringify({ type: 'message', id: 'msg_1', model: MODEL, content: [], usage });
      request.resume();
      request.on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end(body));
    });
    return started;
  };

  beforeAll(async () => {
    receiver = await WebhookReceiver.start();
    metricsPort = await freePort();
    app = await start({ TRACEVAULT_METRICS_PORT: String(metricsPort) });
  });
  afterAll(async () => {
    await app.close();
    receiver.close();
  });
  beforeEach(async () => {
    receiver.received.length = 0;
    person = await app.signUp();
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  const limit = async (more: object = {}, who = person, at = app): Promise<string> => {
    const body = { kind: 'spend', scope: 'everyone', period: 'month', amount_usd: '0.01', ...more };
    const counted = { count_personal_keys: true, ...body };
    const response = await at.api('POST', `orgs/${who.org}/limits`, { token: who.token, body: counted });
    expect(response.status).toBe(201);
    return ((await response.json()) as { id: string }).id;
  };
  const call = async ({ token } = person, at = app): Promise<number> => {
    const body = JSON.stringify({ model: MODEL, max_tokens: 10, messages: [] });
    const init = { method: 'POST', headers: { 'x-api-key': token }, body };
    const response = await fetch(`${at.proxyUrl}/v1/messages`, init);
    await response.text();
    return response.status;
  };
  /** Makes calls one after another, each of which the ledger has before the next one. */
  const callTimes = async (times: number, who = person, at = app): Promise<void> => {
    const reservations = at.app.get(Reservations, { strict: false });
    for (let made = 0; made < times; made++) {
      expect(await call(who, at)).toBe(200);
      while (reservations.size > 0) await sleep(10);
    }
  };
  const dataOf = ({ body }: Received) => (JSON.parse(body) as { data: Record<string, unknown> }).data;
  const percents = (): unknown[] => receiver.received.map((message) => dataOf(message).percent);
  const rowsOf = (at = app, { org } = person): Promise<LimitAlertEntity[]> =>
    at.dataSource
      .getRepository(LimitAlertEntity)
      .find({ where: { limit: { org: { name: org } } }, order: { amountNanoUsd: 'ASC', percent: 'ASC' } });
  const idsOf = (messages: readonly Received[]) =>
    new Set(messages.map(({ headers }) => headers['webhook-id']));

  it('is told of 75, 95 and 100 %, each once, and whose limit it is', async () => {
    const id = await limit();
    await callTimes(3);
    expect(await rowsOf()).toEqual([]);
    await callTimes(1);
    const [first] = await receiver.messages(1);
    expect(first!.headers['content-type']).toBe('application/json');
    expect(JSON.parse(first!.body)).toEqual({
      type: 'limit.reached',
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      data: {
        ...{ percent: 75, amount_usd: '0.01', spent_usd: '0.008', org: person.org, limit_id: id },
        ...{ scope: 'everyone', period: 'month', token: null },
        member: { user_id: person.userId, email: person.email },
        period_start: expect.stringMatching(/-01T00:00:00\.000Z$/),
        resets_at: expect.stringMatching(/-01T00:00:00\.000Z$/),
      },
    });
    await callTimes(1);
    await receiver.messages(3);
    expect(await call()).toBe(429);
    expect(percents()).toEqual([75, 95, 100]);
    expect(idsOf(receiver.received).size).toBe(3);
    const mine = await app.api('GET', 'me/limits', { token: person.token });
    expect(await mine.json()).toMatchObject([{ warning_percent: 100 }]);
  });

  it('is told again of a limit that was raised, and of none that blocks or has no amount', async () => {
    const id = await limit();
    await limit({ period: 'week', amount_usd: null });
    await callTimes(5);
    await receiver.messages(3);
    const change = { token: person.token, body: { amount_usd: '0.02' } };
    expect((await app.api('PATCH', `orgs/${person.org}/limits/${id}`, change)).status).toBe(200);
    await callTimes(3); // 0.016
    await receiver.messages(4);
    expect(percents()).toEqual([75, 95, 100, 75]);
    await limit({ scope: 'organization', period: 'day', amount_usd: '0' });
    expect(await call()).toBe(429);
    expect(await rowsOf()).toHaveLength(4);
  });

  it('is tried again when it fails twice, with the same message; the metrics say so', async () => {
    const metric = async (name: string, labels: Record<string, string> = {}): Promise<number> =>
      (await Scrape.from(metricsPort)).sum(name, labels);
    const deliveries = (result: string) => metric('tracevault_alert_deliveries_total', { result });
    const levels = () => metric('tracevault_limit_levels_total', { percent: '75' });
    const before = [await deliveries('delivered'), await deliveries('failed'), await levels()] as const;
    receiver.behaviours.push(
      (response) => response.writeHead(500).end('no'),
      (response) => response.socket?.resetAndDestroy(),
    );
    await limit();
    await callTimes(4);
    const messages = await receiver.messages(3);
    expect(idsOf(messages).size).toBe(1);
    expect(new Set(messages.map(({ body }) => body)).size).toBe(1);
    while ((await deliveries('delivered')) === before[0]) await sleep(20);
    const after = [await deliveries('delivered'), await deliveries('failed'), await levels()] as const;
    expect(after.map((value, index) => value - before[index]!)).toEqual([1, 2, 1]);
    await sleep(200);
    expect(receiver.received).toHaveLength(3);
    expect(await rowsOf()).toMatchObject([{ percent: 75, attempts: 3, nextAttemptAt: null }]);
  });

  it('is given up after the last try, is never in the way of a call, and its secrets are in no log', async () => {
    const held: ServerResponse[] = [];
    receiver.behaviours.push(
      (response) => held.push(response),
      (response) => response.writeHead(302, { location: app.url }).end(),
      (response) => response.writeHead(410).end(),
    );
    await limit({ amount_usd: '0.02' });
    await callTimes(8); // 0.016
    await receiver.messages(1);
    await callTimes(1); // while the receiver keeps its answer
    expect(receiver.received).toHaveLength(1);
    held[0]!.writeHead(503).end();
    const told = await receiver.messages(3);
    while (!app.log.includes('It is not sent again')) await sleep(20);
    expect(idsOf(told).size).toBe(1);
    expect(await rowsOf()).toMatchObject([{ percent: 75, attempts: 3, nextAttemptAt: null }]);
    expect(told[0]!.url).toBe('/hook/CANARYpath?key=CANARYquery');
    expect(app.log).toContain('"status":410');
    const { 'webhook-signature': signature } = told[0]!.headers;
    for (const secret of ['CANARY', SECRET.slice(6), String(signature)])
      expect(app.log).not.toContain(secret);
  });

  it('is told at the next start of what it could not be told before', async () => {
    const database = await freshDatabase();
    const first = await start(database, [1_000, 1_000]);
    const owner = await first.signUp();
    receiver.behaviours.push((response) => response.writeHead(500).end());
    await limit({}, owner, first);
    await callTimes(4, owner, first);
    await receiver.messages(1);
    await first.close();
    const second = await start(database, [1_000, 1_000]);
    closing.push(() => second.close());
    const [once, again] = await receiver.messages(2);
    expect(again!.body).toBe(once!.body);
    expect(idsOf(receiver.received).size).toBe(1);
  });

  it('is reached through the outbound proxy', async () => {
    const tunnels: string[] = [];
    const tunnel = tunnelling({ onTunnel: ({ url = '' }) => tunnels.push(url) });
    await new Promise<void>((resolve) => tunnel.listen(0, '127.0.0.1', resolve));
    const { port } = tunnel.address() as AddressInfo;
    const behind = await start({ TRACEVAULT_OUTBOUND_PROXY: `http://127.0.0.1:${port}` });
    closing.push(
      () => tunnel.close(),
      () => tunnel.closeAllConnections(),
      () => behind.close(),
    );
    const owner = await behind.signUp();
    await limit({}, owner, behind);
    await callTimes(4, owner, behind);
    await receiver.messages(1);
    expect(tunnels).toContain(`127.0.0.1:${receiver.port}`);
  });

  it('can tell that a message is TraceVault’s, by the lines of docs/limits.md', async () => {
    await limit();
    await callTimes(4);
    const [first] = await receiver.messages(1);
    const { headers, body } = first!;
    const [, recipe] = /\n```js\n([^]*?)```/.exec(readText('docs/limits.md')) ?? [];
    const directory = await emptyDirectory();
    await writeFile(join(directory, 'recipe.mjs'), recipe!);
    await writeFile(
      join(directory, 'cases.mjs'),
      `import { readFileSync } from 'node:fs';
       import { isGenuine } from './recipe.mjs';
       const cases = JSON.parse(readFileSync(process.argv[2], 'utf8'));
       console.log(JSON.stringify(cases.map(({ headers, body }) => isGenuine(headers, body))));`,
    );
    const old = { ...headers, 'webhook-timestamp': String(Number(headers['webhook-timestamp']) - 3_600) };
    const cases = [
      { headers, body },
      { headers, body: body.replace('75', '95') },
      { headers: { ...headers, 'webhook-id': 'another' }, body },
      { headers: { ...headers, 'webhook-signature': 'v1,no' }, body },
      { headers: old, body },
      { headers: {}, body },
    ];
    const [script, file] = [join(directory, 'cases.mjs'), join(directory, 'cases.json')];
    await writeFile(file, JSON.stringify(cases));
    const env = { PATH: process.env.PATH, WEBHOOK_SECRET: SECRET };
    const out = execFileSync(process.execPath, [script, file], { env, encoding: 'utf8' });
    expect(JSON.parse(out)).toEqual([true, false, false, false, false, false]);
  });

  postgresOnly('of two replicas', () => {
    /** Writes a call into the ledger, and has a replica notice it. */
    const recorded = async (at: TestApp, { userId, org }: Person, nanoUsd: string): Promise<void> => {
      const [{ id: orgId }] = await at.dataSource.query('SELECT id FROM orgs WHERE name = $1', [org]);
      const row = callRow({
        ...{ id: `req_${randomBytes(6).toString('hex')}`, user_id: userId, org_id: orgId },
        ...{ key_source: 'organization', cost_nano_usd: nanoUsd },
      });
      await at.app.get(LedgerRepository, { strict: false }).insert([row]);
      at.app.get(LimitAlertsService, { strict: false }).written([row]);
    };

    it('is told once, whoever notices', async () => {
      const database = await freshDatabase();
      const spool = { TRACEVAULT_DATA_DIR: await emptyDirectory() };
      const replicas = await Promise.all([
        start(database, [30_000]),
        start({ ...database, ...spool }, [30_000]),
      ]);
      closing.push(...replicas.map((replica) => () => replica.close()));
      const [replica] = replicas;
      const owner = await replica.signUp();
      await limit({ amount_usd: '10' }, owner, replica);
      await sleep(1_000); // the other one has heard of it
      for (let round = 0; round < 5; round++)
        await Promise.all(replicas.map((one) => recorded(one, owner, '1000000000')));
      await receiver.messages(3);
      await sleep(500);
      expect([...percents()].sort()).toEqual([100, 75, 95]);
      expect(await rowsOf(replica, owner)).toMatchObject(
        [75, 95, 100].map((percent) => ({ percent, attempts: 1 })),
      );
    });
  });
});
