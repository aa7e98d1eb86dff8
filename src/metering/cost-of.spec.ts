import fc from 'fast-check';
import { NO_OVERRIDES, PriceOverrides, PriceRow } from '../config/price-row';
import { Cost, isUnpriced } from './cost';
import { costOf } from './cost-of';
import { usdOf } from './decimal';
import { PriceTable } from './price-table';
import { NO_USAGE, Served, Usage, UsagePart } from './usage';
import { PricedProvider } from './vendor-rules';

const ANTHROPIC: PricedProvider = { id: 'anthropic', dialect: 'anthropic' };
const OPENAI: PricedProvider = { id: 'openai', dialect: 'openai' };
const NOW = new Date('2026-11-27T12:00:00Z');
const NONE = { input: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 0 };
const MILLION = 1_000_000;

const part = (model: string | undefined, counts: Partial<UsagePart>): UsagePart => ({
  ...NONE,
  model,
  ...counts,
});
const usageOf = (model: string, counts: Partial<UsagePart>, more: Partial<Usage> = {}): Usage => ({
  ...NO_USAGE,
  ...{ state: 'measured', model, requestedModel: model, parts: [part(model, counts)] },
  ...more,
});
const served = (fields: Partial<Served>): { served: Served } => ({
  served: { ...NO_USAGE.served, ...fields },
});
const table = (overrides: Partial<PriceOverrides> = {}): PriceTable =>
  new PriceTable({ ...NO_OVERRIDES, ...overrides });
function price(usage: Usage, provider = ANTHROPIC, at = NOW, prices = table()): string {
  const cost = costOf(usage, provider, at, prices);
  return isUnpriced(cost) ? cost.reason : usdOf(cost.nanoUsd);
}

describe('the cost of a call', () => {
  it.each<[string, Usage, string]>([
    [
      'all kinds of tokens',
      usageOf('claude-sonnet-5', { input: 1000, cacheRead: 1000, output: 1000 }),
      '0.0122',
    ],
    ['1-hour writes at their rate (case 9)', usageOf('claude-opus-5', { cacheWrite1h: MILLION }), '10'],
    ['5-minute writes at theirs', usageOf('claude-opus-5', { cacheWrite5m: MILLION }), '6.25'],
    [
      'fast as served, also on the cache (case 17)',
      usageOf(
        'claude-opus-5',
        { input: MILLION, cacheRead: MILLION, output: MILLION },
        served({ speed: 'fast' }),
      ),
      '61',
    ],
    [
      'standard served (case 17)',
      usageOf('claude-opus-5', { input: MILLION }, served({ speed: 'standard' })),
      '5',
    ],
    [
      'the us region (case 18)',
      usageOf('claude-opus-5', { output: MILLION }, served({ inferenceGeo: 'us' })),
      '27.5',
    ],
    [
      'no region before 4.6',
      usageOf('claude-opus-4-5', { output: MILLION }, served({ inferenceGeo: 'us' })),
      '25',
    ],
    ['another region', usageOf('claude-opus-5', { output: 1 }, served({ inferenceGeo: 'eu' })), 'region'],
    ['fast without a price', usageOf('claude-sonnet-5', { output: 1 }, served({ speed: 'fast' })), 'speed'],
    [
      'a tier without a price',
      usageOf('claude-opus-5', { input: 1 }, served({ serviceTier: 'priority' })),
      'service_tier',
    ],
    [
      'a batch (case 24)',
      usageOf('claude-opus-5', { input: MILLION }, served({ serviceTier: 'batch' })),
      '2.5',
    ],
    [
      'a batch in the us, and no fast mode in it',
      usageOf(
        'claude-opus-5',
        { input: MILLION },
        served({ serviceTier: 'batch', inferenceGeo: 'us', speed: 'fast' }),
      ),
      '2.75',
    ],
    ['a refusal without output (case 20)', usageOf('claude-opus-5', { input: 500 }, { isFree: true }), '0'],
    [
      'thinking in output (case 21)',
      usageOf('claude-opus-5', { output: 1000 }, { thinkingTokens: 900 }),
      '0.025',
    ],
    ['a point release (case 22)', usageOf('claude-sonnet-5-5', { input: 1 }), 'model'],
    ['a point release with a price', usageOf('claude-opus-5-5', { input: MILLION }), '4'],
    ['an unknown model (case 23)', usageOf('claude-next', { input: 1 }), 'model'],
    ['web searches', usageOf('claude-opus-5', { input: MILLION }, { webSearches: 3 }), '5.03'],
    ['unreadable usage', { ...NO_USAGE, state: 'unreadable' }, 'unreadable'],
    ['no usage', NO_USAGE, '0'],
    [
      'what the provider bills',
      usageOf('any/model', { input: 5 }, { billedUsd: '0.00012345' }),
      '0.00012345',
    ],
  ])('has %s', (_what, usage, expected) => {
    expect(price(usage)).toBe(expected);
  });

  it('prices each part at its own model (case 19), and none if one has no price', () => {
    const parts = [part('claude-opus-5', { input: MILLION }), part('claude-haiku-4-5', { input: MILLION })];
    expect(price(usageOf('claude-opus-5', {}, { parts }))).toBe('6');
    expect(price(usageOf('claude-opus-5', {}, { parts: [...parts, part('new', { output: 1 })] }))).toBe(
      'model',
    );
  });

  it('depends on the time of the call and the size of its input', () => {
    const long = usageOf('claude-sonnet-4-5', { input: 100_000, cacheRead: 100_001 });
    expect(price(long, ANTHROPIC, new Date('2026-03-01'))).toBe('0.6600006');
    expect(price(long)).toBe('0.3300003');
  });

  it('knows the tiers of OpenAI', () => {
    const tier = (serviceTier: string): Usage =>
      usageOf('gpt-5', { output: MILLION }, served({ serviceTier }));
    expect(['default', 'flex', 'priority', 'scale'].map((name) => price(tier(name), OPENAI))).toEqual([
      ...['10', '5', '20', 'service_tier'],
    ]);
  });

  it('has the operator’s price and factor first', () => {
    const row: PriceRow = {
      id: 'ours',
      source: 'x',
      provider: 'anthropic',
      model: 'claude-next',
      input: '7',
      output: '8',
    };
    const prices = table({ rows: [row], multipliers: { '*': '0.5', anthropic: '0.9' } });
    expect(price(usageOf('claude-next-20261101', { input: MILLION }), ANTHROPIC, NOW, prices)).toBe('6.3');
    expect(price(usageOf('gpt-5', { output: MILLION }), OPENAI, NOW, prices)).toBe('5');
  });

  it.each<[string, PricedProvider, string]>([
    ['us.anthropic.claude-sonnet-4-5-20250929-v1:0', { id: 'bedrock', dialect: 'anthropic' }, '3'],
    ['claude-opus-4-5@20251101', { id: 'vertex', dialect: 'anthropic' }, '5'],
    ['gpt-5-2025-08-07', OPENAI, '1.25'],
    ['gpt-5.9', OPENAI, 'model'],
    ['gpt-5', { id: 'openrouter', dialect: 'openai' }, 'model'],
    ['models/gemini-2.5-pro-preview-06-05', { id: 'gemini', dialect: 'gemini' }, '1.25'],
    ['gemini-3.7-flash-lite', { id: 'gemini', dialect: 'gemini' }, 'model'],
  ])('finds %s', (model, provider, expected) => {
    const input = expected === '1.25' && provider.id === 'gemini' ? 100_000 : MILLION;
    const usd = price(usageOf(model, { input }), provider);
    expect(usd).toBe(input === MILLION ? expected : '0.125');
  });

  it('adds up, is never negative, and scales', () => {
    const count = fc.nat(10 ** 9);
    const counts = fc.record({
      input: count,
      cacheRead: count,
      cacheWrite5m: count,
      cacheWrite1h: count,
      output: count,
    });
    fc.assert(
      fc.property(
        counts,
        fc.constantFrom('standard', 'batch'),
        fc.nat(50),
        (one, serviceTier, webSearches) => {
          const usage = (factor: number): Usage =>
            usageOf(
              'claude-opus-5',
              Object.fromEntries(Object.entries(one).map(([kind, tokens]) => [kind, tokens * factor])),
              { webSearches: webSearches * factor, ...served({ serviceTier }) },
            );
          const cost = (factor: number): Cost => costOf(usage(factor), ANTHROPIC, NOW, table()) as Cost;
          const { lines, nanoUsd } = cost(1000);
          expect(lines.reduce((sum, line) => sum + line.nanoUsd, 0n)).toBe(nanoUsd);
          expect(lines.every((line) => line.nanoUsd >= 0n)).toBe(true);
          expect(cost(3000).nanoUsd).toBe(3n * nanoUsd);
          expect(cost(1000)).toEqual({ lines, nanoUsd, price: cost(1000).price });
        },
      ),
    );
  });
});
