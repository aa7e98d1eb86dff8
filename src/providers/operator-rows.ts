import { deepFreeze } from '../config/deep-freeze';
import { OperatorProvider } from '../config/operator-provider';
import { DIALECTS } from './dialects';
import { Provider } from './provider';

/**
 * The maximum length of a key for a provider of the operator's own. Short-lived tokens of a cloud (Bedrock, Azure) have one to
 * three thousand characters; common servers refuse a header line of more than 8 KiB.
 */
const MAX_OWN_KEY = 4096;

type Table = readonly [Provider, ...Provider[]];

/** Returns the table with the operator's changes to its rows, and with the operator's own rows behind them. */
export function withOperatorRows(table: Table, entries: readonly OperatorProvider[]): Table {
  const [first, ...others] = table.map((row) => changed(row, entries)) as [Provider, ...Provider[]];
  const own = entries.filter(({ id }) => !table.some((row) => row.id === id));
  return [first, ...others, ...own.flatMap(ownRow)];
}

/** Its base URL is in the configuration (`upstream.baseUrls`), where a variable may override it. */
function changed(row: Provider, entries: readonly OperatorProvider[]): Provider {
  const entry = entries.find(({ id }) => id === row.id);
  if (entry === undefined) return row;
  return deepFreeze({ ...row, name: entry.label ?? row.name, enabled: entry.enabled });
}

function ownRow({ id, dialect, baseUrl, label, credential, enabled }: OperatorProvider): Provider[] {
  if (dialect === undefined || baseUrl === undefined) return [];
  const name = label ?? id;
  const header = credential === undefined ? {} : { header: credential };
  const key = { called: `a key for ${name}`, prefix: '', maxLength: MAX_OWN_KEY, otherKinds: [], ...header };
  return [deepFreeze(DIALECTS[dialect]({ id, name, origin: baseUrl, enabled, key }))];
}
