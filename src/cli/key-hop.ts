import { CliError } from './cli-error';
import { DEFAULT_PROVIDER, providerOption } from './known-providers';
import { fetchMyKeys, keyOf, MyKey } from './my-keys';
import { sanitized } from './terminal';

interface Wanted {
  /** The id of the only provider to check; undefined for all of them. */
  readonly provider: string | undefined;
  /** The organization that the calls belong to; null for the person's current one. */
  readonly org: string | null;
}

/**
 * Returns the providers to check: those that calls have a key for.
 * @throws CliError when there is none, with what to do.
 */
export async function checkedKeys(
  { server, token }: { readonly server: string; readonly token: string },
  { provider, org }: Wanted,
): Promise<MyKey[]> {
  const { keys, isEarlierVersion } = await fetchMyKeys({ server_url: server, token });
  const wanted =
    provider === undefined ? keys : [keyOf(keys, provider, isEarlierVersion ? server : undefined)];
  const found = wanted.filter(({ in_use }) => in_use !== null);
  if (found.length > 0) return found;
  if (isOfAnother(org, wanted)) return tried(wanted);
  throw noKey(wanted, provider);
}

/** Whether the calls belong to another organization than the one that the server has answered for. */
function isOfAnother(org: string | null, keys: readonly MyKey[]): boolean {
  return org !== null && keys.some(({ organization }) => organization?.name !== org);
}

/** Which key calls for another organization take is not known: the vendor's answer will tell. */
function tried(wanted: readonly MyKey[]): MyKey[] {
  const [first] =
    wanted.length === 1 ? wanted : wanted.filter(({ provider }) => provider === DEFAULT_PROVIDER);
  return first === undefined ? [] : [first];
}

function noKey(wanted: readonly MyKey[], provider: string | undefined): CliError {
  const [first] = wanted;
  const org = first?.organization?.name;
  const label = provider === undefined ? '' : ` for ${sanitized(first?.label ?? provider)}`;
  if (org !== undefined && wanted.every(({ reason }) => reason === 'no_organization_key'))
    return new CliError(
      `"${sanitized(org)}" has no key${label}, and its members use no keys of their own.`,
      'Ask an owner of the organization to store one.',
    );
  return new CliError(
    `No key${label} is stored.`,
    `Run: tracevault proxy key set${provider === undefined ? '' : providerOption(provider)}`,
  );
}
