import { Credentials, readLiveCredentials } from './credentials-file';
import { Io } from './io';
import { DEFAULT_PROVIDER, providerOption } from './known-providers';
import { fetchMyKeys, keyInUse, keyOf, MyKey, withoutKey } from './my-keys';
import { table } from './table';
import { asDate, print, printJson, sanitized, say } from './terminal';

interface StatusOptions {
  /** The id of a provider; undefined for all of them. */
  readonly provider?: string;
  readonly json?: boolean;
}

/** Prints the status of the user's key for one provider, or for all of them as a table. */
export async function keyStatus(io: Io, { provider: id, json = false }: StatusOptions): Promise<void> {
  const credentials = await readLiveCredentials(io);
  const { keys, isEarlierVersion } = await fetchMyKeys(credentials);
  const only = id ?? (isEarlierVersion ? DEFAULT_PROVIDER : undefined);
  if (only !== undefined) {
    const key = keyOf(keys, only, isEarlierVersion ? credentials.server_url : undefined);
    if (json) printJson(io, id === undefined ? { ...statusOf(key), providers: keys } : key);
    else printOne(io, key);
  } else if (json) {
    const anthropic = keys.find(({ provider }) => provider === DEFAULT_PROVIDER);
    printJson(io, { ...statusOf(anthropic ?? withoutKey(DEFAULT_PROVIDER)), providers: keys });
  } else printAll(io, keys, credentials);
}

/** The fields that `--json` has had since there was one provider. */
function statusOf({ configured, fingerprint, configured_at, last_use }: MyKey): object {
  return { configured, fingerprint, configured_at, last_use };
}

function printOne(io: Io, key: MyKey): void {
  const label = sanitized(key.label);
  if (key.configured) {
    const what = key.fingerprint === null ? `The ${label} key` : `The key ${key.fingerprint}`;
    print(io, `${what} is stored since ${asDate(String(key.configured_at))}.`);
    print(io, lastUse(key.last_use));
  } else print(io, `No ${label} key is stored.${key.in_use === null ? nextFor(key) : ''}`);
  if (key.in_use !== 'own' && (key.configured || key.in_use !== null || key.reason !== 'no_key'))
    print(io, `Your calls take: ${keyInUse(key)}.`);
}

function nextFor({ provider, reason }: MyKey): string {
  return reason === 'no_organization_key' ? '' : ` Run: tracevault proxy key set${providerOption(provider)}`;
}

function lastUse(use: MyKey['last_use']): string {
  if (use === null) return 'No request has come through with it yet.';
  const client = sanitized(use.client ?? 'a client that did not say what it is');
  const answer =
    use.status === null ? 'which left before there was an answer' : `answered with ${use.status}`;
  return `Last used ${asDate(use.at)} by ${client}, ${answer}.`;
}

function printAll(io: Io, keys: readonly MyKey[], { server_url }: Credentials): void {
  if (keys.length === 0) {
    print(io, `${server_url} has no providers.`);
    return;
  }
  const columns = [
    { title: 'PROVIDER', max: 20 },
    { title: 'YOUR KEY', max: 17 },
    { title: 'SINCE', max: 10 },
    { title: 'LAST USED (UTC)', max: 16 },
    { title: 'CALLS TAKE', max: 42 },
  ];
  print(io, table(columns, keys.map(rowOf)).join('\n'));
  if (keys.every(({ in_use, reason }) => in_use === null && reason !== 'no_organization_key'))
    say(io, 'Your calls have no key. To store one: tracevault proxy key set --provider NAME');
}

function rowOf(key: MyKey): string[] {
  const { provider, configured, fingerprint, configured_at, last_use } = key;
  const since = configured_at === null ? '' : asDate(configured_at).slice(0, 10);
  const used = last_use === null ? 'not used yet' : asDate(last_use.at).replace(' UTC', '');
  return [
    provider,
    configured ? (fingerprint ?? 'stored') : 'none',
    configured ? since : '',
    configured ? used : '',
    keyInUse(key),
  ];
}
