/**
 * Makes src/metering/price-table.json from the data of @pydantic/genai-prices and from the reviewed lists below, which win.
 * Without arguments it prints the rows that would change, and exits with 1 if there are any; `--write` changes the file.
 */
import { createRequire } from 'node:module';
import { readFileSync, writeFileSync } from 'node:fs';

const { findProvider } = createRequire(import.meta.url)('@pydantic/genai-prices');
const TABLE = new URL('../src/metering/price-table.json', import.meta.url);

/** The day on which the library's data and the lists below were compared with their sources. */
const CHECKED = '2026-11-27';

const SOURCES = {
  anthropic: 'https://platform.claude.com/docs/en/about-claude/pricing',
  openai: 'https://developers.openai.com/api/docs/pricing',
  gemini: 'https://ai.google.dev/gemini-api/docs/pricing',
};
const LIBRARY_IDS = { anthropic: 'anthropic', openai: 'openai', gemini: 'google' };

/** Anthropic's page of August 2026: input, 5-minute write, 1-hour write, read, output. */
const ANTHROPIC = {
  'claude-fable-5': ['10', '12.5', '20', '1', '50'],
  'claude-mythos-5': ['10', '12.5', '20', '1', '50'],
  'claude-opus-5': ['5', '6.25', '10', '0.5', '25'],
  'claude-opus-4-8': ['5', '6.25', '10', '0.5', '25'],
  'claude-opus-4-7': ['5', '6.25', '10', '0.5', '25'],
  'claude-opus-4-6': ['5', '6.25', '10', '0.5', '25'],
  'claude-opus-4-5': ['5', '6.25', '10', '0.5', '25'],
  'claude-opus-4-1': ['15', '18.75', '30', '1.5', '75'],
  'claude-opus-4-0': ['15', '18.75', '30', '1.5', '75'],
  'claude-sonnet-5': ['2', '2.5', '4', '0.2', '10'],
  'claude-sonnet-4-6': ['3', '3.75', '6', '0.3', '15'],
  'claude-sonnet-4-5': ['3', '3.75', '6', '0.3', '15'],
  'claude-sonnet-4-0': ['3', '3.75', '6', '0.3', '15'],
  'claude-haiku-4-5': ['1', '1.25', '2', '0.1', '5'],
  'claude-3-5-haiku-latest': ['0.8', '1', '1.6', '0.08', '4'],
};
const WEB_SEARCH = '10';
/** Input and output of the fast mode; the cache's factors apply on top. */
const FAST = { 'claude-opus-5': [10, 50], 'claude-opus-4-8': [10, 50] };
/** The day after the last one on which more than 200,000 tokens of input cost more. */
const LONG_CONTEXT_UNTIL = {
  'claude-opus-4-6': '2026-03-13',
  'claude-sonnet-4-6': '2026-03-13',
  'claude-sonnet-4-5': '2026-05-01',
  'claude-sonnet-4-0': '2026-05-01',
};
/** Models before 4.6, which have one price in all regions. */
const WITHOUT_REGIONS = /^claude-(?:[123v]|opus-4-[0-5]|sonnet-4-[0-5]|haiku-4-5)/;

/** Factors of service tiers by a model's name. */
const PRIORITY_PAGE = 'https://openai.com/api-priority-processing';
const SERVICE_TIERS = {
  ...tiers('2', ['gpt-5', 'gpt-5.1', 'gpt-5.2', 'gpt-5.4', 'gpt-5.4-mini', 'gpt-4.1-nano']),
  ...tiers('2', ['gpt-5.6-sol', 'gpt-5.6-terra', 'gpt-5.6-luna']),
  ...tiers('1.75', ['gpt-4.1', 'gpt-4.1-mini', 'gpt-4o-2024-05-13', 'o3']),
  ...tiers('1.7', ['gpt-4o']),
  ...tiers('1.8', ['gpt-5-mini']),
  ...tiers('2.5', ['gpt-5.5']),
  'gemini-3.7-flash': { priority: '1.8' },
  'gemini-3.8-flash': { priority: '1.8' },
};

/** The library's keys that this table can express. */
const KEYS = {
  input_mtok: 'input',
  cache_read_mtok: 'cache_read',
  cache_write_mtok: 'cache_write_5m',
  cache_write_1h_mtok: 'cache_write_1h',
  output_mtok: 'output',
  web_searches_kcount: 'web_search',
};
/** What is told apart nowhere in a call's usage and left out: search in files, and audio as input of Gemini. */
const IGNORED = {
  openai: ['storage_searches_kcount'],
  gemini: ['input_audio_mtok', 'cache_audio_read_mtok'],
};
/** Prices that the library has from a reseller, or says it can't find a source for. */
const UNFOUNDED = /from OpenRouter|on OpenRouter|I can't find|trusting/i;

/** Models with tokens of audio at a rate that the library lacks, and an incomplete name. */
const LEFT_OUT = /-audio|\.ft-$/;

/** Priority processing is called fast mode since 30 July 2026; both names are served. */
function tiers(factor, models) {
  return Object.fromEntries(models.map((model) => [model, { priority: factor, fast: factor }]));
}

function rowsOf(provider) {
  const { models } = findProvider({ providerId: LIBRARY_IDS[provider] });
  return models
    .filter(({ id }) => provider !== 'gemini' || id.startsWith('gem'))
    .filter(({ price_comments: comment = '' }) => !UNFOUNDED.test(comment))
    .filter(({ id }) => !LEFT_OUT.test(id))
    .flatMap((model) => rowsOfModel(provider, model));
}

function rowsOfModel(provider, { id, match, prices }) {
  const model = id.replace(/-$/, '');
  const periods = Array.isArray(prices) ? prices : [{ prices }];
  if (periods.some(({ constraint }) => constraint !== undefined && constraint.type !== 'start_date'))
    throw new Error(`${model} has prices by the time of day`);
  return periods.flatMap(({ constraint, prices: rates }, index) => {
    const converted = ratesOf(provider, rates);
    if (converted === undefined) return [];
    const from = constraint?.start_date;
    const until = periods[index + 1]?.constraint.start_date;
    return [row(provider, model, { ...named(model, match), from, until }, converted)];
  });
}

/** Converts the library's rates; undefined if there are none, or others than this table knows. */
function ratesOf(provider, prices) {
  const keys = Object.keys(prices).filter((key) => !IGNORED[provider]?.includes(key));
  if (!keys.includes('input_mtok') || keys.some((key) => !(key in KEYS))) return undefined;
  const rates = { output: '0' };
  const long = { above: 0 };
  for (const key of keys) {
    const price = prices[key];
    rates[KEYS[key]] = String(price.base ?? price);
    if (typeof price !== 'object') continue;
    const [tier, ...more] = price.tiers;
    if (more.length > 0 || (long.above !== 0 && long.above !== tier.start))
      throw new Error(`tiers of ${key}`);
    long.above = tier.start;
    long[KEYS[key]] = String(tier.price);
  }
  return { rates, long: long.above === 0 ? undefined : { output: rates.output, ...long } };
}

/** The model's other names: those that the library matches, and a `*` where it matches a part of a name. */
function named(model, match) {
  const names = [...new Set(patterns(match))].filter((name) => name !== model);
  return names.length === 0 ? {} : { aliases: names.sort() };
}

function patterns(match) {
  if ('or' in match) return match.or.flatMap(patterns);
  if ('and' in match) return match.and.flatMap(patterns);
  if ('equals' in match) return [match.equals];
  if ('regex' in match) return []; // dates, which are stripped from a name, and exceptions
  const part = match.starts_with ?? match.contains ?? match.ends_with;
  // `claude-sonnet-4-2025`, `claude-sonnet-4@`, `gpt-5-nano-`, `gemini-2.0-flash-0`: a name that a suffix follows
  const name = part.replace(/[-@](?:20\d\d)?(?:-?0?)?$/, '');
  return name.includes('.ft') || name === 'ft:gpt-4' ? [] : [`${name}*`];
}

function row(provider, model, { aliases, from, until }, { rates, long }) {
  const since = from === undefined ? '' : `@${from}`;
  const entry = { id: `${provider}/${model}${since}`, provider, model, aliases, from, until };
  const { input, cache_read, cache_write_5m, cache_write_1h, output, web_search } = rates;
  Object.assign(entry, { input, cache_read, cache_write_5m, cache_write_1h, output, web_search });
  // what a tier cost before the last change of a price is not known
  const service_tiers = until === undefined ? SERVICE_TIERS[model] : undefined;
  const source =
    service_tiers?.fast === undefined ? SOURCES[provider] : `${SOURCES[provider]} ${PRIORITY_PAGE}`;
  return Object.assign(entry, { long_context: long, service_tiers, source, checked: CHECKED });
}

/** Anthropic's rows: the library's, with the reviewed list over them. */
function anthropicRows() {
  const fromLibrary = rowsOf('anthropic').filter(({ model }) => !(model in ANTHROPIC));
  const { models } = findProvider({ providerId: LIBRARY_IDS.anthropic });
  const listed = Object.keys(ANTHROPIC).flatMap((model) => {
    const match = models.find(({ id }) => id === model)?.match;
    return periodsOf(model).map(({ from, until, isLong }) => {
      const [input, cache_write_5m, cache_write_1h, cache_read, output] = ANTHROPIC[model];
      const rates = { input, cache_read, cache_write_5m, cache_write_1h, output };
      const names = match === undefined ? {} : named(model, match);
      const long = isLong
        ? { above: 200_000, ...times(rates, 2), output: times(rates, 1.5).output }
        : undefined;
      const entry = row('anthropic', model, { ...names, from, until }, { rates, long });
      return match === undefined ? { ...entry, checked: '2026-08-31' } : entry;
    });
  });
  return [...fromLibrary, ...listed].map((entry) => ({
    ...entry,
    web_search: WEB_SEARCH,
    fast: fastRates(entry),
    regions: WITHOUT_REGIONS.test(entry.model) ? {} : undefined,
  }));
}

function periodsOf(model) {
  const until = LONG_CONTEXT_UNTIL[model];
  return until === undefined
    ? [{ isLong: false }]
    : [
        { until, isLong: true },
        { from: until, isLong: false },
      ];
}

function times(rates, factor) {
  return Object.fromEntries(Object.entries(rates).map(([key, rate]) => [key, String(Number(rate) * factor)]));
}

function fastRates({ model, input, ...row }) {
  if (!(model in FAST)) return undefined;
  const [fastInput, output] = FAST[model];
  const { cache_read, cache_write_5m, cache_write_1h } = row;
  const cache = times({ cache_read, cache_write_5m, cache_write_1h }, fastInput / Number(input));
  return { input: String(fastInput), ...cache, output: String(output) };
}

const rows = [...anthropicRows(), ...rowsOf('openai'), ...rowsOf('gemini')].sort((one, other) =>
  one.id < other.id ? -1 : 1,
);
const lines = rows.map((entry) => JSON.stringify(entry));
const text = `{"prices": [\n${lines.join(',\n')}\n]}\n`;
if (process.argv.includes('--write')) writeFileSync(TABLE, text);
else {
  const current = readFileSync(TABLE, 'utf8').split('\n');
  const plain = (line) => line.replace(/,$/, '');
  const added = lines.filter((line) => !current.some((one) => plain(one) === line));
  const gone = current.filter((line) => line.startsWith('{"id"') && !lines.includes(plain(line)));
  process.stdout.write(
    [...gone.map((line) => `- ${plain(line)}\n`), ...added.map((line) => `+ ${line}\n`)].join(''),
  );
  if (gone.length + added.length > 0) process.exitCode = 1;
}
