import { isObject, readJsonFile } from './json-file';
import { BUILT_IN_DIALECTS, OperatorProvider } from './operator-provider';
import { decimal } from './price-fields';
import { NO_OVERRIDES, PriceOverrides } from './price-row';
import { readPriceRows } from './price-rows';

const NAME = 'TRACEVAULT_PRICES';
const FIELDS = ['multipliers', 'prices'];

interface PricesFile {
  readonly overrides: PriceOverrides;
  /** All errors of the file, as lines that begin with the variable's name. */
  readonly problems: readonly string[];
}

/** Reads the operator's file of prices, at the start. */
export function readPricesFile(
  path: string | undefined,
  operatorProviders: readonly Pick<OperatorProvider, 'id'>[],
): PricesFile {
  if (path === undefined) return { overrides: NO_OVERRIDES, problems: [] };
  const file = readJsonFile(path);
  if ('problem' in file) return refused([`the file ${file.problem}`]);
  const { content } = file;
  if (!isObject(content)) return refused([`the file must be a JSON object with ${FIELDS.join(' and ')}`]);
  return overridesOf(content, [
    ...new Set([...BUILT_IN_DIALECTS.keys(), ...operatorProviders.map(({ id }) => id)]),
  ]);
}

function overridesOf(content: Record<string, unknown>, providers: readonly string[]): PricesFile {
  const { multipliers = {}, prices = [] } = content;
  const { rows, problems } = readPriceRows(prices, { providers, idPrefix: 'override:', source: 'operator' });
  const all = [...unknownFields(content), ...problemsOfMultipliers(multipliers, providers), ...problems];
  if (all.length > 0) return refused(all);
  const texts = Object.entries(multipliers as object).map(([id, factor]) => [id, String(factor)] as const);
  return { overrides: { multipliers: Object.fromEntries(texts), rows }, problems: [] };
}

function unknownFields(content: object): string[] {
  return Object.keys(content)
    .filter((field) => !FIELDS.includes(field))
    .map((field) => `${JSON.stringify(field)} is not a field of this format, which has ${FIELDS.join(', ')}`);
}

function problemsOfMultipliers(multipliers: unknown, providers: readonly string[]): string[] {
  if (!isObject(multipliers)) return ['multipliers must be an object from providers to numbers'];
  return Object.entries(multipliers).flatMap(([id, factor]) => {
    const name = `multipliers[${JSON.stringify(id)}]`;
    const problem = decimal(factor);
    return [
      ...(id === '*' || providers.includes(id)
        ? []
        : [`${name} must be for * or one of ${providers.join(', ')}`]),
      ...(problem === undefined ? [] : [`${name} ${problem}`]),
    ];
  });
}

function refused(problems: readonly string[]): PricesFile {
  return { overrides: NO_OVERRIDES, problems: problems.map((problem) => `${NAME}: ${problem}`) };
}
