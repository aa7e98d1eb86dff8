import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CallDetailsDto } from '../src/me/calls.dto';
import { CallEntity } from '../src/metering/call.entity';
import { LedgerRepository } from '../src/metering/ledger.repository';
import { PricesService } from '../src/metering/prices.service';
import { Person, useApp } from './support/app';
import { callRow } from './support/call-rows';
import { emptyDirectory } from './support/database';

interface PriceAnswer {
  readonly id: string;
  readonly provider: string;
  readonly model: string;
  readonly override: boolean;
}

const FILE = {
  multipliers: { '*': '0.9', anthropic: 0.85 },
  prices: [
    {
      ...{
        provider: 'anthropic',
        model: 'claude-sonnet-4-5',
        from: '2026-01-01',
        input: '1.80',
        output: 9,
      },
      ...{ cache_read: '0.18', web_search: '7', service_tiers: { priority: '2' }, source: 'our contract' },
      long_context: { above: 200000, input: '3.6', output: 13.5 },
    },
    { provider: 'openai', model: 'gpt-of-yesterday', until: '2026-01-01', input: 1, output: 2 },
    { provider: 'openai', model: 'gpt-of-tomorrow', from: '2999-01-01', input: 1, output: 2 },
  ],
};

describe('GET /api/v1/prices', () => {
  const env: NodeJS.ProcessEnv = {};
  beforeAll(async () => {
    env.TRACEVAULT_PRICES = join(await emptyDirectory(), 'prices.json');
    await writeFile(env.TRACEVAULT_PRICES, JSON.stringify(FILE));
  });
  const app = useApp({ env });

  it('lists the prices in force: the product’s, with their source and the day they were checked', async () => {
    const { token } = await app.signUp(null);
    const response = await app.api('GET', 'prices', { token });
    expect(response.status).toBe(200);
    const { currency, prices, at } = (await response.json()) as {
      at: string;
      currency: string;
      prices: PriceAnswer[];
    };
    expect([currency, Number.isNaN(Date.parse(at))]).toEqual(['USD', false]);
    expect(prices.find(({ model }) => model === 'claude-opus-4-8')).toEqual({
      id: 'anthropic/claude-opus-4-8',
      provider: 'anthropic',
      model: 'claude-opus-4-8',
      aliases: expect.any(Array),
      from: null,
      until: null,
      input: '5',
      cache_read: '0.5',
      cache_write_5m: '6.25',
      cache_write_1h: '10',
      output: '25',
      web_search: '10',
      long_context: null,
      fast: expect.objectContaining({ input: '10', output: '50', cache_read: '1' }),
      service_tiers: { batch: '0.5' },
      regions: { us: '1.1' },
      source: expect.stringMatching(/^https:/),
      checked: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
      override: false,
    });
    const names = prices.map(({ provider, model }) => `${provider}\n${model}`);
    expect(names).toEqual([...names].sort());
  });

  it('has the operator’s rows in place of the product’s, complete, and the factors of contracts', async () => {
    const { token } = await app.signUp(null);
    const answer = (await (await app.api('GET', 'prices', { token })).json()) as {
      multipliers: object;
      prices: PriceAnswer[];
    };
    expect(answer.multipliers).toEqual({ '*': '0.9', anthropic: '0.85' });
    expect(answer.prices.filter(({ model }) => model === 'claude-sonnet-4-5')).toEqual([
      {
        id: 'override:anthropic/claude-sonnet-4-5@2026-01-01',
        provider: 'anthropic',
        model: 'claude-sonnet-4-5',
        aliases: [],
        from: '2026-01-01',
        until: null,
        input: '1.8',
        cache_read: '0.18',
        cache_write_5m: '1.8',
        cache_write_1h: '1.8',
        output: '9',
        web_search: '7',
        long_context: {
          above: 200000,
          ...{
            input: '3.6',
            cache_read: '3.6',
            cache_write_5m: '3.6',
            cache_write_1h: '3.6',
            output: '13.5',
          },
        },
        fast: null,
        service_tiers: { batch: '0.5', priority: '2' },
        regions: { us: '1.1' },
        source: 'our contract',
        checked: null,
        override: true,
      },
    ]);
    expect(answer.prices.filter(({ override }) => override)).toHaveLength(1); // none of another time
  });

  it('is for people who are signed in', async () => {
    expect((await app.api('GET', 'prices')).status).toBe(401);
  });
});

describe('GET /api/v1/me/calls/{id}', () => {
  const env: NodeJS.ProcessEnv = {};
  beforeAll(async () => {
    env.TRACEVAULT_PRICES = join(await emptyDirectory(), 'prices.json');
    await writeFile(env.TRACEVAULT_PRICES, JSON.stringify(FILE));
  });
  const app = useApp({ env });
  let person: Person;

  beforeAll(async () => {
    person = await app.signUp();
    app.upstream.answerWith((request, response) => {
      request.resume();
      const model = request.headers['anthropic-beta'];
      const usage = { input_tokens: 10, output_tokens: 10 };
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ id: 'msg_1', type: 'message', model, content: [{}], usage }));
    });
  });

  /** Returns the price of a call of a model. */
  async function priceOf(model: string): Promise<unknown> {
    const call = (await app.calls(person)).find((one) => one.model === model);
    const response = await app.api('GET', `me/calls/${call!.id}`, { token: person.token });
    return ((await response.json()) as CallDetailsDto).price;
  }
  async function send(...models: string[]): Promise<void> {
    const before = (await app.dataSource.getRepository(CallEntity).find()).length;
    for (const model of models) {
      const headers = { 'x-api-key': person.token, 'anthropic-beta': model };
      await (await fetch(`${app.proxyUrl}/v1/messages`, { method: 'POST', headers, body: '{}' })).text();
    }
    await app.calls(person, before + models.length);
  }

  it('says of the price since when it applies and where it is from, as that was then', async () => {
    await send('claude-sonnet-4-5', 'claude-opus-4-8', 'a-model-without-a-price');
    const own = {
      id: 'override:anthropic/claude-sonnet-4-5@2026-01-01',
      from: '2026-01-01',
      source: 'our contract',
      checked: null,
      override: true,
    };
    expect(await priceOf('claude-sonnet-4-5')).toEqual(own);
    expect(await priceOf('claude-opus-4-8')).toEqual({
      id: 'anthropic/claude-opus-4-8',
      from: null,
      source: expect.stringMatching(/^https:/),
      checked: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
      override: false,
    });
    expect(await priceOf('a-model-without-a-price')).toBeNull();

    await writeFile(String(env.TRACEVAULT_PRICES), '{}');
    app.app.get(PricesService, { strict: false }).reload();
    expect(await priceOf('claude-sonnet-4-5')).toEqual(own);
  });

  it('does not guess where a price is from that an earlier version did not keep', async () => {
    const id = 'override:anthropic/gone';
    await app.app
      .get(LedgerRepository, { strict: false })
      .insert([
        callRow({ id: 'req_old', user_id: person.userId, model: 'old', cost_nano_usd: '1', price_id: id }),
      ]);
    expect(await priceOf('old')).toEqual({ id, from: null, source: null, checked: null, override: true });
  });
});
