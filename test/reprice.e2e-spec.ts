import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { AuditEventEntity } from '../src/audit/audit-event.entity';
import { CallEntity } from '../src/metering/call.entity';
import { today } from '../src/metering/days';
import { HourlySums } from '../src/metering/hourly-sums';
import { OrgUsageHourEntity } from '../src/metering/org-usage-hour.entity';
import { UsageHourEntity } from '../src/metering/usage-hour.entity';
import { Person, TestApp } from './support/app';
import { emptyDirectory, freshDatabase } from './support/database';
import { operate } from './support/operator';

const DAY = today('UTC');
const PERIOD = ['--from', DAY, '--to', DAY];

/** The usage of each call, by the model that it is for. */
const USAGES: Readonly<Record<string, object>> = {
  'claude-sonnet-4-5': { input_tokens: 1000, cache_read_input_tokens: 2000, output_tokens: 100 },
  'claude-opus-4-8': { input_tokens: 10, output_tokens: 100, speed: 'fast', inference_geo: 'us' },
  'claude-haiku-4-5': {
    ...{ input_tokens: 30, output_tokens: 20, service_tier: 'batch' },
    iterations: [
      { type: 'message', input_tokens: 30, output_tokens: 20 },
      { type: 'advisor_message', model: 'claude-sonnet-4-5', input_tokens: 1000, output_tokens: 10 },
    ],
  },
  'house-model': { input_tokens: 500, output_tokens: 500, server_tool_use: { web_search_requests: 2 } },
};

const sonnetAt = (rate: string) => ({
  provider: 'anthropic',
  model: 'claude-sonnet-4-5',
  input: rate,
  output: '1',
});
const houseModel = { provider: 'anthropic', model: 'house-model', input: '2', output: '4', web_search: '10' };

describe('tracevault-server reprice', () => {
  let env: NodeJS.ProcessEnv;
  let file: string;
  let person: Person;

  const setPrices = (prices: readonly object[]) => writeFile(file, JSON.stringify({ prices }));

  async function withDatabase<T>(look: (dataSource: DataSource) => Promise<T>): Promise<T> {
    const app = await TestApp.start({ env });
    try {
      return await look(app.dataSource);
    } finally {
      await app.close();
    }
  }

  const state = () =>
    withDatabase(async (dataSource) => {
      const calls = await dataSource.getRepository(CallEntity).find({ order: { at: 'ASC', id: 'ASC' } });
      const hours = await dataSource.getRepository(UsageHourEntity).find();
      const orgHours = await dataSource.getRepository(OrgUsageHourEntity).find();
      return { calls, hours, orgHours };
    });

  /** The sums by model, from the calls and from the tables of sums. */
  function sums({ calls, hours, orgHours }: Awaited<ReturnType<typeof state>>) {
    const ofCalls = new Map<string, [cost: bigint, unpriced: number]>();
    for (const { model, requestedModel, usageState, costNanoUsd } of calls) {
      const [cost, unpriced] = ofCalls.get(`${model ?? requestedModel}`) ?? [0n, 0];
      const isUnpriced = costNanoUsd === null && ['measured', 'estimated'].includes(usageState);
      ofCalls.set(`${model ?? requestedModel}`, [
        cost + BigInt(costNanoUsd ?? 0),
        unpriced + Number(isUnpriced),
      ]);
    }
    const added = (rows: readonly HourlySums[]) => {
      const byModel = new Map<string, [cost: bigint, unpriced: number]>();
      for (const { model, costNanoUsd, unpricedCalls } of rows) {
        const [cost, unpriced] = byModel.get(`${model}`) ?? [0n, 0];
        byModel.set(`${model}`, [cost + BigInt(costNanoUsd), unpriced + unpricedCalls]);
      }
      return byModel;
    };
    return { ofCalls, ofHours: added(hours), ofOrgHours: added(orgHours) };
  }

  beforeAll(async () => {
    file = join(await emptyDirectory(), 'prices.json');
    env = { ...(await freshDatabase()), TRACEVAULT_PRICES: file };
    await setPrices([sonnetAt('1')]);
    const app = await TestApp.start({ env });
    person = await app.signUp();
    const openRouterKey = `sk-or-v1-${'0'.repeat(64)}`;
    await app.storeKey(person.token, openRouterKey, 'openrouter');
    app.upstream.answerWith((request, response) => {
      void request.toArray().then((chunks: Buffer[]) => {
        const { model } = JSON.parse(Buffer.concat(chunks).toString()) as { model: string };
        const isRouted = model === 'routed/model';
        const usage = isRouted
          ? { prompt_tokens: 5, completion_tokens: 5, total_tokens: 10, cost: 0.5 }
          : USAGES[model];
        const body = isRouted ? { object: 'chat.completion', choices: [] } : { type: 'message', content: [] };
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify({ id: `answer-${Math.random()}`, ...body, model, usage }));
      });
    });
    const send = async (path: string, model: string): Promise<void> => {
      const response = await fetch(app.url + path, {
        method: 'POST',
        headers: { authorization: `Bearer ${person.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model, messages: [] }),
      });
      expect(response.status).toBe(200);
      await response.text();
    };
    for (const model of [...Object.keys(USAGES), 'claude-sonnet-4-5'])
      await send('/proxy/anthropic/v1/messages', model);
    await send('/proxy/openrouter/v1/chat/completions', 'routed/model');
    await app.calls(person, 6);
    await app.close();
  });

  it('leaves every cost as it is while the prices are the same', async () => {
    const before = await state();
    const { code, out } = await operate(['reprice', ...PERIOD], env);
    expect([code, out]).toEqual([0, expect.stringContaining(`Repriced 0 calls from ${DAY} to ${DAY} (UTC)`)]);
    expect(out).toContain('Left as they are: 1 call of openrouter routed/model: the provider itself said');
    expect(out).toContain('Left as they are: 1 call of anthropic house-model: the model has no price');
    expect(await state()).toEqual(before);
    expect(before.calls.map(({ costNanoUsd }) => costNanoUsd)).toEqual([
      '3100000', // 3000 at 1, and 100 at 1
      String(((10n * 10_000n + 100n * 50_000n) * 11n) / 10n), // fast, in the us
      String((30n * 1_000n + 20n * 5_000n + 1000n * 1_000n + 10n * 1_000n) / 2n), // a batch, with an advisor
      null,
      '3100000',
      '500000000',
    ]);
  });

  it('says by model what would change, and changes nothing, with --dry-run', async () => {
    await setPrices([sonnetAt('3'), houseModel]);
    const before = await state();
    const { code, out } = await operate(['reprice', ...PERIOD, '--dry-run'], env);
    expect(code).toBe(0);
    expect(out.split('\n').map((line) => line.replaceAll(/ {2,}/g, ' | '))).toEqual([
      'provider | model | calls | USD before | USD after | change',
      'anthropic | claude-haiku-4-5 | 1 | 0.00057 | 0.00157 | 0.001',
      'anthropic | claude-sonnet-4-5 | 2 | 0.0062 | 0.0182 | 0.012',
      'anthropic | house-model | 1 | 0 (1 without a price) | 0.023 | 0.023',
      `Would reprice 4 calls from ${DAY} to ${DAY} (UTC): 0.00677 USD before, 0.04277 USD after. 1 call of them had no price.`,
      'Left as they are: 1 call of openrouter routed/model: the provider itself said what they cost.',
      '',
    ]);
    expect(await state()).toEqual(before);
  });

  it('changes calls and sums by the same amounts, explains the new costs, and leaves an audit event', async () => {
    await operate(['reprice', ...PERIOD], env);
    const after = await state();
    expect(after.calls.map(({ costNanoUsd }) => costNanoUsd)).toEqual([
      '9100000',
      '5610000',
      '1570000',
      '23000000',
      '9100000',
      '500000000',
    ]);
    for (const { costLines, costNanoUsd } of after.calls)
      expect(costLines?.reduce((sum, line) => sum + BigInt(line[5]), 0n)).toBe(BigInt(costNanoUsd!));
    expect(after.calls.map(({ priceId }) => priceId)).toEqual([
      'override:anthropic/claude-sonnet-4-5',
      'anthropic/claude-opus-4-8',
      expect.stringMatching(/^anthropic\/claude-haiku-4-5/),
      'override:anthropic/house-model',
      'override:anthropic/claude-sonnet-4-5',
      null,
    ]);
    expect(after.calls.map(({ priceFacts }) => priceFacts?.override)).toEqual([
      [null, 'operator', null],
      undefined,
      undefined,
      [null, 'operator', null],
      [null, 'operator', null],
      undefined,
    ]);
    const { ofCalls, ofHours, ofOrgHours } = sums(after);
    expect(ofHours).toEqual(ofCalls);
    expect(ofOrgHours).toEqual(ofCalls);
    const trail = await withDatabase((dataSource) =>
      dataSource
        .getRepository(AuditEventEntity)
        .find({ where: { action: 'calls_repriced' }, order: { at: 'DESC' } }),
    );
    expect(trail[0]).toMatchObject({
      actorKind: 'operator',
      details: { from: DAY, to: DAY, calls: 4, before_usd: '0.00677', after_usd: '0.04277' },
    });
    expect((await operate(['reprice', ...PERIOD], env)).out).toContain('Repriced 0 calls');
  });

  it('leaves calls of other days, calls without a price now and calls from an older version as they are', async () => {
    await setPrices([sonnetAt('3')]);
    const other = await operate(['reprice', '--from', '2026-01-01', '--to', '2026-01-02'], env);
    expect(other).toMatchObject({ code: 0, out: expect.stringMatching(/^Repriced 0 calls/) });
    await withDatabase((dataSource) =>
      dataSource.query(`UPDATE "calls" SET "price_facts" = NULL WHERE "model" = 'claude-opus-4-8'`),
    );
    const before = await state();
    const { out } = await operate(['reprice', ...PERIOD], env);
    expect(out).toContain('Repriced 0 calls');
    expect(out).toContain('1 call of anthropic house-model: the model has no price for their time');
    expect(out).toContain('1 call of anthropic claude-opus-4-8: they are from a version that did not keep');
    expect(await state()).toEqual(before);
  });

  it('goes through many calls of one moment in batches, and misses none', async () => {
    await withDatabase((dataSource) =>
      dataSource.query(
        `INSERT INTO "calls" ("id", "at", "user_id", "provider", "endpoint", "model", "outcome", "usage_state", "input_tokens",
           "cache_read_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens", "output_tokens", "thinking_tokens",
           "web_searches", "ms", "request_bytes", "response_bytes", "price_facts")
         SELECT 'many_' || "number", date_trunc('day', now(), 'UTC'), $1, 'anthropic', 'messages', 'many', 'completed', 'measured', 1000,
           0, 0, 0, 0, 0, 0, 1, 0, 0, '{}' FROM generate_series(1, 450) AS "number"`,
        [person.userId],
      ),
    );
    await setPrices([sonnetAt('3'), { ...houseModel, model: 'many' }]);
    const { out } = await operate(['reprice', ...PERIOD], env);
    expect(out.replaceAll(/ {2,}/g, ' | ')).toContain('many | 450 | 0 (450 without a price) | 0.9 | 0.9\n');
    const { calls } = await state();
    expect(
      calls.filter(({ model, costNanoUsd }) => model === 'many' && costNanoUsd === '2000000'),
    ).toHaveLength(450);
  });

  it.each([
    [['--from', '2026-02-30', '--to', DAY], 'It is a day in the form 2026-11-28.'],
    [['--from', '2026-03-02', '--to', '2026-03-01'], '--from must not be after --to.'],
    [['--from', DAY], "required option '--to <day>' not specified"],
  ])('refuses %j', async (args, message) => {
    expect(await operate(['reprice', ...args], env)).toMatchObject({
      code: 2,
      err: expect.stringContaining(message),
    });
  });
});
