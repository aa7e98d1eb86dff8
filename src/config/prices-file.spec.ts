import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { problemsIn } from '../../test/support/config-problems';
import { loadConfig } from './env';

describe('the file of TRACEVAULT_PRICES', () => {
  const folder = mkdtempSync(join(tmpdir(), 'prices-'));
  const path = join(folder, 'prices.json');
  afterAll(() => rmSync(folder, { recursive: true }));

  const load = (content: unknown, env: NodeJS.ProcessEnv = {}) => {
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return loadConfig({ TRACEVAULT_PRICES: path, ...env });
  };
  const problemsOf = (content: unknown) => problemsIn(() => load(content));
  const row = { provider: 'openai', model: 'gpt-x', input: '1.25', output: 10 };
  const withRow = (fields: object): object => ({ prices: [{ ...row, ...fields }] });

  it('has prices and factors, as texts or as JSON numbers', () => {
    const content = {
      multipliers: { '*': 0.9, anthropic: '0.85' },
      prices: [
        { ...row, cache_read: 0.1, long_context: { above: 200000, input: 2.5, output: '20' } },
        { ...row, model: 'gpt-y', id: 'ours', source: 'contract 7', from: '2026-01-01' },
      ],
    };
    expect(load(content).prices).toEqual({
      file: path,
      overrides: {
        multipliers: { '*': '0.9', anthropic: '0.85' },
        rows: [
          {
            ...{ id: 'override:openai/gpt-x', source: 'operator', provider: 'openai', model: 'gpt-x' },
            ...{ input: '1.25', output: '10', cache_read: '0.1' },
            long_context: { above: 200000, input: '2.5', output: '20' },
          },
          {
            ...{ id: 'ours', source: 'contract 7', provider: 'openai', model: 'gpt-y' },
            ...{ input: '1.25', output: '10', from: '2026-01-01' },
          },
        ],
      },
    });
  });

  it('can price what a provider of the operator serves', () => {
    const providers = join(folder, 'providers.json');
    const own = { id: 'own', dialect: 'openai', base_url: 'http://localhost:11434' };
    writeFileSync(providers, JSON.stringify([own]));
    const content = { multipliers: { own: '0.5' }, ...withRow({ provider: 'own' }) };
    const { overrides } = load(content, { TRACEVAULT_PROVIDERS: providers }).prices;
    expect(overrides.rows).toEqual([expect.objectContaining({ id: 'override:own/gpt-x' })]);
    expect(overrides.multipliers).toEqual({ own: '0.5' });
  });

  it('can have a row for each period', () => {
    const prices = [
      { ...row, until: '2026-03-01' },
      { ...row, from: '2026-03-01', until: '2026-06-01' },
      { ...row, from: '2026-06-01' },
    ];
    expect(load({ prices }).prices.overrides.rows.map(({ id }) => id)).toEqual([
      'override:openai/gpt-x',
      'override:openai/gpt-x@2026-03-01',
      'override:openai/gpt-x@2026-06-01',
    ]);
  });

  it.each<[unknown, RegExp]>([
    ['[', /the file is not valid JSON$/],
    [[], /the file must be a JSON object with multipliers and prices$/],
    [{ price: [] }, /"price" is not a field of this format/],
    [{ prices: {} }, /prices must be a list$/],
    [{ multipliers: [] }, /multipliers must be an object/],
    [{ multipliers: { openia: 1 } }, /multipliers\["openia"\] must be for \* or one of anthropic, openai/],
    [{ multipliers: { '*': -1 } }, /multipliers\["\*"\] must be a number/],
    [{ prices: [1] }, /prices\[0\]: must be an object$/],
    [withRow({ provider: 'own' }), /prices\[0\] \(gpt-x\): provider must be one of anthropic, openai/],
    [withRow({ model: 'a b' }), /prices\[0\]: model must be a name/],
    [withRow({ model: 'gpt-*' }), /prices\[0\]: model must be a name/],
    [withRow({ input: undefined }), /prices\[0\] \(gpt-x\): input is missing$/],
    [withRow({ input: '' }), /\(gpt-x\): input must be a number/],
    [withRow({ input: '-1' }), /input must be a number/],
    [withRow({ input: '1e3' }), /input must be a number/],
    [withRow({ input: 1e-7 }), /input must be a number/],
    [withRow({ output: '1,5' }), /output must be a number of at most nine digits before and six behind/],
    [withRow({ cache_read: null }), /cache_read must be a number/],
    [withRow({ web_search: true }), /web_search must be a number/],
    [withRow({ aliases: ['a', '*b'] }), /aliases must be a list of names/],
    [withRow({ from: '2026-02-30' }), /from must be a day/],
    [withRow({ from: '2026-13-01' }), /from must be a day/],
    [withRow({ until: '1.1.2026' }), /until must be a day/],
    [withRow({ from: '2026-02-01', until: '2026-02-01' }), /until must be after from$/],
    [withRow({ fast: 2 }), /fast must be an object$/],
    [withRow({ fast: { input: 'x' } }), /fast has errors: output is missing, input must be a number/],
    [withRow({ long_context: { above: 0, input: 1, output: 1 } }), /long_context has errors: above must be/],
    [withRow({ service_tiers: { batch: 'half' } }), /service_tiers has errors: batch must be/],
    [withRow({ regions: [] }), /regions must be an object/],
    [withRow({ toString: 1 }), /toString is not a field of this format$/],
    [{ prices: [row, row] }, /prices\[1\] \(gpt-x\): id is that of prices\[0\] \(gpt-x\)$/],
    [
      { prices: [row, { ...row, model: 'gpt-y', aliases: ['GPT-X'], from: '2026-01-01' }] },
      /prices\[1\] \(gpt-y\): model and period overlap with prices\[0\] \(gpt-x\)$/,
    ],
  ])('is refused: %j', (content, message) => {
    const problems = problemsOf(content);
    expect(problems[0]).toMatch(message);
    for (const problem of problems) expect(problem).toMatch(/^TRACEVAULT_PRICES: /);
  });

  it('has all its errors named at once, beside those of variables', () => {
    writeFileSync(path, JSON.stringify({ prices: [{ ...row, input: 'x', from: 'y' }, { model: 'gpt-y' }] }));
    expect(() => loadConfig({ TRACEVAULT_PRICES: path, PORT: 'x' })).toThrow(
      /PORT[^]*prices\[0\] \(gpt-x\): input[^]*from[^]*prices\[1\] \(gpt-y\): provider is missing[^]*output is missing/,
    );
  });

  it('has to exist', () => {
    expect(() => loadConfig({ TRACEVAULT_PRICES: join(folder, 'none') })).toThrow(/can't be read \(ENOENT\)/);
  });
});
