import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { calcPrice } from '@pydantic/genai-prices';
import { BUILT_IN_DIALECTS, Dialect } from '../config/operator-provider';
import { readPriceRows } from '../config/price-rows';
import { isUnpriced } from './cost';
import { costOf } from './cost-of';
import { PriceTable } from './price-table';
import { prices } from './price-table.json';
import { NO_USAGE, Usage } from './usage';

const ROOT = join(__dirname, '../..');
const NOW = new Date('2026-11-27T12:00:00Z');
/** Models whose prices differ from the library's, with the reason. */
const DIFFERENT: Readonly<Record<string, string>> = {
  'claude-sonnet-4-5': 'the long-context rates ended on 30 April 2026',
  'claude-mythos-5': 'the library does not know it',
};
const rows = new PriceTable().inForce(NOW.getTime()).map(({ row }) => row);

function both(provider: string, model: string, size: number): [ours: number, library: number] {
  const counts = { input: size, cacheRead: size * 2, cacheWrite5m: size, cacheWrite1h: size, output: size };
  const usage: Usage = { ...NO_USAGE, state: 'measured', model, parts: [{ ...counts, model }] };
  const cost = costOf(usage, { id: provider, dialect: provider as Dialect }, NOW, new PriceTable());
  const library = calcPrice(
    {
      input_tokens: size * 5,
      cache_read_tokens: size * 2,
      cache_write_tokens: size * 2,
      cache_write_1h_tokens: size,
      output_tokens: size,
    },
    /^ft:gpt-4o/.test(model) ? `${model}-2024-07-18` : model, // it knows them by a date alone
    { providerId: provider === 'gemini' ? 'google' : provider, timestamp: NOW },
  );
  return [isUnpriced(cost) ? Number.NaN : Number(cost.nanoUsd) / 1e9, library?.total_price ?? Number.NaN];
}

describe('the price table', () => {
  it('has no errors', () => {
    const { problems } = readPriceRows(prices, {
      providers: [...BUILT_IN_DIALECTS.keys()],
      idPrefix: '',
      source: '',
    });
    expect(problems).toEqual([]);
  });

  it('has a source and the day of the last check in each row', () => {
    expect(prices.filter(({ source, checked }) => !source.startsWith('https://') || !checked)).toEqual([]);
  });

  it('is what its script makes of the library and the reviewed lists', () => {
    const script = join(ROOT, 'scripts/price-table.mjs');
    expect(execFileSync(process.execPath, [script], { encoding: 'utf8' })).toBe('');
  });

  it.each(rows.filter(({ model }) => !(model in DIFFERENT)).map(({ provider, model }) => [provider, model]))(
    'prices %s %s as the library does',
    (provider, model) => {
      for (const size of [17, 1000, 100_000]) {
        const [ours, library] = both(provider, model, size);
        expect(Math.abs(ours - library)).toBeLessThan(3e-9 + library * 1e-12);
      }
    },
  );

  it.each(Object.entries(DIFFERENT))('differs for %s: %s', (model) => {
    const [ours, library] = both('anthropic', model, 100_000);
    expect(ours).not.toBe(library);
  });

  it('has no price for a point release that the library takes for its base', () => {
    const [ours, library] = both('anthropic', 'claude-sonnet-5-5', 1000);
    expect([ours, library]).toEqual([Number.NaN, expect.any(Number)]);
    expect(library).toBeGreaterThan(0);
  });
});
