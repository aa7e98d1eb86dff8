import { setTimeout as sleep } from 'node:timers/promises';
import { Reservations } from '../src/limits/reservations';
import { Person, useApp } from './support/app';
import { freshDatabase } from './support/database';
import { FakeAnthropic } from './support/fake-anthropic';
import { runServer, signUpAt } from './support/process';

const MODEL = 'claude-haiku-4-5';
/** What a call costs, in USD. */
const COST = 0.002;
const BODY = JSON.stringify({ model: MODEL, max_tokens: 10, messages: [] });
const ANSWER = JSON.stringify({
  ...{ type: 'message', id: 'msg_1', model: MODEL, content: [] },
  usage: { input_tokens: 2_000, output_tokens: 0 },
});

/** Everything but the time of day goes on as it does. */
const UNCHANGED = [
  ...['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate'],
  ...['queueMicrotask', 'nextTick', 'hrtime', 'performance'],
];

describe('the periods of limits', () => {
  const app = useApp({ adjust: (config) => ({ ...config, ledgerFlushMs: 20 }) });
  let person: Person;

  beforeAll(() => {
    jest.useFakeTimers({ doNotFake: UNCHANGED as never });
  });
  afterAll(() => jest.useRealTimers());
  beforeEach(() => {
    app.upstream.answerWith((request, response) => {
      request.resume();
      request.on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end(ANSWER));
    });
  });

  /** Sets the clock. What is remembered of another time must not outlast it. */
  const setClock = (time: string): void => {
    jest.setSystemTime(new Date(time));
    app.invalidateAuthCache();
  };
  const limit = async (body: object): Promise<void> => {
    const counted = { kind: 'spend', scope: 'everyone', count_personal_keys: true, ...body };
    const path = `orgs/${person.org}/limits`;
    expect((await app.api('POST', path, { token: person.token, body: counted })).status).toBe(201);
  };
  const call = (): Promise<Response> =>
    fetch(`${app.proxyUrl}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': person.token },
      body: BODY,
    });
  /** Returns the status of a call, once it is in the ledger. */
  const status = async (): Promise<number> => {
    const response = await call();
    await response.arrayBuffer();
    await settled();
    return response.status;
  };
  const settled = async (): Promise<void> => {
    const reservations = app.app.get(Reservations, { strict: false });
    for (let waited = 0; reservations.size > 0; waited += 10) {
      expect(waited).toBeLessThan(10_000);
      await sleep(10);
    }
  };
  const mine = async () => {
    const limits = (await (await app.api('GET', 'me/limits', { token: person.token })).json()) as object[];
    return limits[0];
  };

  it.each([
    ['day', '2026-12-01T23:58:00Z', '2026-12-02T00:02:00Z', '2026-12-02T00:00:00.000Z'],
    ['week', '2026-12-06T23:58:00Z', '2026-12-07T00:02:00Z', '2026-12-07T00:00:00.000Z'], // a Sunday, a Monday
    ['month', '2026-12-31T23:58:00Z', '2027-01-01T00:02:00Z', '2027-01-01T00:00:00.000Z'],
  ])(
    'a %s that is spent at %s begins again before %s; back at the old time it is spent',
    async (period, before, after, edge) => {
      setClock(before);
      person = await app.signUp();
      await limit({ period, amount_usd: '0.01' });
      for (let calls = 0; calls < 5; calls++) expect(await status()).toBe(200);
      const refused = await call();
      expect(refused.status).toBe(429);
      expect(await refused.text()).toContain(`${edge.slice(0, 10)} 00:00 UTC`);
      expect(Math.abs(Number(refused.headers.get('retry-after')) - 120)).toBeLessThanOrEqual(5);
      expect(await mine()).toMatchObject({ spent_usd: '0.01', warning_percent: 100, resets_at: edge });
      setClock(after);
      expect(await mine()).toMatchObject({ spent_usd: '0', left_usd: '0.01', warning_percent: null });
      expect(await status()).toBe(200);
      expect(await mine()).toMatchObject({ spent_usd: String(COST) });
      setClock(before);
      expect(await status()).toBe(429);
      expect(await mine()).toMatchObject({ spent_usd: '0.01', resets_at: edge });
    },
  );

  it('an exception ends by itself, and the default holds again', async () => {
    setClock('2026-12-08T11:00:00Z');
    person = await app.signUp();
    await limit({ period: 'day', amount_usd: '0' });
    expect(await status()).toBe(429);
    const exception = { scope: 'member', subject_id: person.userId, until: '2026-12-08T12:00:00Z' };
    await limit({ period: 'day', amount_usd: '5', ...exception });
    expect(await status()).toBe(200);
    expect(await mine()).toMatchObject({ scope: 'member', until: '2026-12-08T12:00:00.000Z' });
    setClock('2026-12-08T12:01:00Z');
    expect(await status()).toBe(429);
    expect(await mine()).toMatchObject({ scope: 'everyone', amount_usd: '0.00' });
  });

  it('a call that is open at the end of a period counts in the one in which it began', async () => {
    setClock('2026-12-09T23:58:00Z');
    person = await app.signUp();
    await limit({ period: 'day', amount_usd: '0.01' });
    let answer = (): void => undefined;
    const arrived = new Promise<void>((resolve) => {
      app.upstream.answerWith((request, response) => {
        request.resume();
        answer = () => response.writeHead(200, { 'content-type': 'application/json' }).end(ANSWER);
        resolve();
      });
    });
    const open = call();
    await arrived;
    // Four minutes go by, on both clocks.
    const now = performance.now.bind(performance);
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => now() + 240_000);
    setClock('2026-12-10T00:02:00Z');
    answer();
    expect((await open).status).toBe(200);
    await settled();
    const [row] = await app.calls(person);
    expect(row!.at.toISOString()).toMatch(/^2026-12-09T23:5/);
    expect(await mine()).toMatchObject({ spent_usd: '0', reserved_usd: '0' });
    clock.mockRestore();
    setClock('2026-12-09T23:59:00Z');
    expect(await mine()).toMatchObject({ spent_usd: String(COST) });
  });
});

describe('a server in another time zone', () => {
  // At any time of the day the date of one of them is not that of UTC.
  it.each(['Pacific/Kiritimati', 'Pacific/Pago_Pago'])('counts by the days of UTC: TZ=%s', async (TZ) => {
    const upstream = await FakeAnthropic.start();
    upstream.answerWith((request, response) => {
      request.resume();
      request.on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end(ANSWER));
    });
    const env = { ...(await freshDatabase()), TRACEVAULT_ANTHROPIC_UPSTREAM: upstream.url, TZ };
    const { server, url } = await runServer(env);
    const token = await signUpAt(url, 'sk-ant-own-key');
    const api = (method: string, path: string, body?: object): Promise<Response> =>
      fetch(`${url}/api/v1/${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
    const { orgs } = (await (await api('GET', 'auth/me')).json()) as { orgs: { name: string }[] };
    const limit = {
      kind: 'spend',
      scope: 'everyone',
      period: 'day',
      amount_usd: '1',
      count_personal_keys: true,
    };
    expect((await api('POST', `orgs/${orgs[0]!.name}/limits`, limit)).status).toBe(201);
    const init = { method: 'POST', headers: { 'x-api-key': token }, body: BODY };
    expect((await fetch(`${url}/proxy/anthropic/v1/messages`, init)).status).toBe(200);
    const mine = async () => ((await (await api('GET', 'me/limits')).json()) as Record<string, string>[])[0]!;
    while ((await mine()).spent_usd !== String(COST)) await sleep(50);
    expect((await mine()).resets_at).toMatch(/T00:00:00\.000Z$/);
    expect(Date.parse((await mine()).resets_at!) - Date.now()).toBeLessThanOrEqual(86_400_000);
    server.child.kill('SIGKILL');
    await upstream.close();
  });
});
