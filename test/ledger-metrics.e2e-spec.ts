import { setTimeout as sleep } from 'node:timers/promises';
import { CallRow } from '../src/metering/call-row';
import { LedgerService } from '../src/metering/ledger.service';
import { Person, TestApp } from './support/app';
import { Scrape } from './support/metrics';
import { freePort } from './support/process';

const PRICED = 'claude-opus-4-8';

describe('metrics of the ledger', () => {
  let app: TestApp;
  let port: number;
  let person: Person;

  beforeAll(async () => {
    port = await freePort();
    app = await TestApp.start({ env: { TRACEVAULT_METRICS_PORT: String(port) } });
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    person = await app.signUp();
  });

  const rise = async (during: () => Promise<unknown>) => {
    const before = await Scrape.from(port);
    await during();
    const after = await until((scrape) => scrape.sum('tracevault_ledger_waiting_calls') === 0);
    return (name: string, labels: Record<string, string> = {}): number =>
      after.sum(name, labels) - before.sum(name, labels);
  };

  async function until(holds: (scrape: Scrape) => boolean): Promise<Scrape> {
    for (let waited = 0; waited <= 10_000; waited += 20) {
      const scrape = await Scrape.from(port);
      if (holds(scrape)) return scrape;
      await sleep(20);
    }
    throw new Error('It never came true');
  }

  /** Answers with JSON, or with anything else. */
  function answerWith(answer: object | string, status = 200): void {
    const body = typeof answer === 'string' ? answer : JSON.stringify(answer);
    app.upstream.answerWith((request, response) => {
      request.resume();
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    });
  }

  async function call(model: string): Promise<void> {
    const headers = { 'x-api-key': person.token };
    const body = JSON.stringify({ model, messages: [] });
    await (await fetch(`${app.proxyUrl}/v1/messages`, { method: 'POST', headers, body })).text();
  }

  /** A call whose answer names the model, until it is in the ledger. */
  async function answered(model: string, usage: object, calls = 1): Promise<void> {
    answerWith({ id: 'msg_1', type: 'message', model, usage });
    await call(model);
    await app.calls(person, calls);
  }

  /** The person's call, as it was on its way to the ledger. */
  async function recorded(): Promise<CallRow> {
    const sql = 'SELECT to_jsonb(calls) AS row FROM calls WHERE user_id = $1';
    const [{ row }] = await app.dataSource.query<[{ row: CallRow }]>(sql, [person.userId]);
    return { ...row, once_key: null };
  }

  it('count calls, tokens of each kind and the cost, by provider and model', async () => {
    const usage = {
      ...{ input_tokens: 1_000, output_tokens: 200, cache_read_input_tokens: 30 },
      cache_creation_input_tokens: 7,
      cache_creation: { ephemeral_5m_input_tokens: 4, ephemeral_1h_input_tokens: 3 },
    };
    const rose = await rise(() => answered(PRICED, usage));
    const of = { provider: 'anthropic', model: PRICED };
    expect(rose('tracevault_calls_total', { ...of, usage_state: 'measured' })).toBe(1);
    expect(rose('tracevault_calls_total')).toBe(1);
    const kinds = { input: 1_000, output: 200, cache_read: 30, cache_write_5m: 4, cache_write_1h: 3 };
    for (const [kind, tokens] of Object.entries(kinds))
      expect([kind, rose('tracevault_tokens_total', { ...of, kind })]).toEqual([kind, tokens]);
    expect(rose('tracevault_tokens_total')).toBe(1_237);
    const [{ costNanoUsd } = { costNanoUsd: null }] = await app.calls(person);
    expect(Number(costNanoUsd)).toBeGreaterThan(0);
    expect(rose('tracevault_cost_usd_total', of)).toBeCloseTo(Number(costNanoUsd) / 1e9, 9);
    expect(rose('tracevault_unpriced_calls_total')).toBe(0);
  });

  it('count calls whose price is not known, and take them for no cost', async () => {
    const rose = await rise(() => answered('in-nobodys-table', { input_tokens: 5, output_tokens: 1 }));
    const of = { provider: 'anthropic', model: 'in-nobodys-table' };
    expect(rose('tracevault_unpriced_calls_total', of)).toBe(1);
    expect(rose('tracevault_tokens_total', of)).toBe(6);
    expect(rose('tracevault_cost_usd_total')).toBe(0);
  });

  it('count calls whose usage is a floor, is unreadable or is none', async () => {
    const rose = await rise(async () => {
      answerWith('{"id":"msg_1","type":"mess'); // ends in its middle
      await call(PRICED);
      answerWith({ type: 'error', error: { type: 'overloaded_error', message: 'later' } }, 529);
      await call(PRICED);
      app.upstream.answerWith((request, response) => {
        request.resume();
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        const start = { model: PRICED, usage: { input_tokens: 10, output_tokens: 1 } };
        const event = JSON.stringify({ type: 'message_start', message: start });
        response.write(`event: message_start\ndata: ${event}\n\n`, () => response.destroy());
      });
      await call(PRICED).catch(() => undefined);
      await app.calls(person, 3);
    });
    for (const usage_state of ['unreadable', 'none', 'estimated'])
      expect([usage_state, rose('tracevault_calls_total', { usage_state })]).toEqual([usage_state, 1]);
  });

  it('count a call once, however often it is written, and usage that was billed before as none', async () => {
    await answered(PRICED, { input_tokens: 5, output_tokens: 1 });
    const ledger = app.app.get(LedgerService, { strict: false });
    const row = await recorded();
    const again = { ...row, once_key: `once ${person.userId}` };
    const rose = await rise(async () => {
      ledger.add(row);
      for (const id of ['first', 'second']) ledger.add({ ...again, id: `${id} ${person.userId}` });
      await app.calls(person, 3);
    });
    expect([rose('tracevault_calls_total'), rose('tracevault_tokens_total')]).toEqual([2, 6]);
    expect(rose('tracevault_calls_total', { usage_state: 'none' })).toBe(1);
  });

  it('name no model that a client has made up', async () => {
    answerWith({ type: 'error', error: { type: 'not_found_error', message: 'model' } }, 404);
    const rose = await rise(async () => {
      for (const model of [`CANARY-${person.token}`, 'CANARY\n"}']) await call(model);
      await app.calls(person, 2);
    });
    expect(rose('tracevault_calls_total', { model: 'other', usage_state: 'none' })).toBe(2);
    expect((await Scrape.from(port)).text).not.toContain('CANARY');
  });

  it('show what waits while the ledger can’t be written, how long, and that writes fail', async () => {
    const before = await Scrape.from(port);
    await app.dataSource.query('ALTER TABLE billed_once RENAME TO taken_away');
    answerWith({ id: 'msg_1', type: 'message', model: PRICED, usage: { input_tokens: 5, output_tokens: 1 } });
    for (let calls = 0; calls < 3; calls++) await call(PRICED);
    const failures = 'tracevault_ledger_write_failures_total';
    const during = await until(
      (scrape) =>
        scrape.sum('tracevault_ledger_waiting_calls') === 3 &&
        scrape.sum(failures, { store: 'database' }) > before.sum(failures, { store: 'database' }),
    );
    expect(during.sum('tracevault_ledger_spool_bytes')).toBeGreaterThan(1_000);
    expect(during.sum('tracevault_ledger_oldest_waiting_seconds')).toBeGreaterThan(0);
    expect(during.sum('tracevault_calls_total')).toBe(before.sum('tracevault_calls_total'));
    expect(during.sum(failures, { store: 'spool' })).toBe(0);
    await app.dataSource.query('ALTER TABLE taken_away RENAME TO billed_once');
    await app.calls(person, 3);
    const after = await until((scrape) => scrape.sum('tracevault_ledger_waiting_calls') === 0);
    expect(after.sum('tracevault_ledger_oldest_waiting_seconds')).toBe(0);
    expect(after.sum('tracevault_ledger_spool_bytes')).toBe(0);
    expect(after.sum('tracevault_calls_total') - before.sum('tracevault_calls_total')).toBe(3);
  });

  it('count calls that are lost', async () => {
    const ledger = app.app.get(LedgerService, { strict: false });
    await answered(PRICED, { input_tokens: 5, output_tokens: 1 });
    const row = await recorded();
    const before = await Scrape.from(port);
    ledger.add({ ...row, id: `lost ${person.userId}`, client: 'no text of PostgreSQL: \0' });
    ledger.expect('an exchange', Promise.reject(new Error('the row could not be made')));
    const name = 'tracevault_ledger_dropped_calls_total';
    await until((scrape) => scrape.sum(name) - before.sum(name) === 2);
  });
});
