import { Credentials } from './credentials-file';
import { DEFAULT_PROVIDER } from './known-providers';
import { callOrFail } from './server';
import { fetchList, isProviderId, noSuchProvider, onlyAnthropic } from './server-providers';
import { sanitized } from './terminal';

interface LastUse {
  readonly at: string;
  readonly client: string | null;
  readonly status: number | null;
}

/** The status of the user's own key for one provider, and which key the user's calls take. */
export interface MyKey {
  /** The id of the provider. */
  readonly provider: string;
  readonly label: string;
  readonly configured: boolean;
  readonly fingerprint: string | null;
  readonly configured_at: string | null;
  readonly last_use: LastUse | null;
  /** Whose key calls take; null if there is none to take. */
  readonly in_use: 'own' | 'organization' | null;
  /** The code of the reason why there is none to take. */
  readonly reason: string | null;
  /** The organization that the calls belong to; absent if the user is in none. */
  readonly organization?: { readonly name: string; readonly personal_keys: string };
}

/** The user's keys, as the server knows them. */
interface MyKeys {
  readonly keys: readonly MyKey[];
  /** Whether the server is of an earlier version, which knows Anthropic alone. */
  readonly isEarlierVersion: boolean;
}

/** Fetches the status of the user's key for each provider. @throws CliError when the request fails. */
export async function fetchMyKeys({
  server_url,
  token,
}: Pick<Credentials, 'server_url' | 'token'>): Promise<MyKeys> {
  const keys = await fetchList(server_url, token, 'me/keys', isMyKey);
  if (keys !== undefined) return { keys: keys.map(checked), isEarlierVersion: false };
  const status = await callOrFail(server_url, 'GET', 'me/anthropic-key', { token });
  const isStored = status.configured === true;
  const anthropic = {
    ...status,
    provider: DEFAULT_PROVIDER,
    label: 'Anthropic',
    configured: isStored,
    in_use: isStored ? 'own' : null,
    reason: isStored ? null : 'no_key',
  } as unknown as MyKey;
  return { keys: [checked(anthropic)], isEarlierVersion: true };
}

/**
 * Returns the status of a provider's key.
 * @param earlierServer the server's URL if it is of an earlier version.
 * @throws CliError (usage) when the server has no such provider.
 */
export function keyOf(keys: readonly MyKey[], id: string, earlierServer: string | undefined): MyKey {
  const found = keys.find(({ provider }) => provider === id);
  if (found !== undefined) return found;
  if (earlierServer !== undefined) throw onlyAnthropic(earlierServer);
  throw noSuchProvider(
    id,
    keys.map(({ provider }) => provider),
  );
}

/** Returns the status of a provider's key that is not stored; for a provider that the server has switched off. */
export function withoutKey(provider: string): MyKey {
  const nothing = { fingerprint: null, configured_at: null, last_use: null };
  return { provider, label: provider, configured: false, ...nothing, in_use: null, reason: 'no_key' };
}

/** Says which key the user's calls take, in a few words. */
export function keyInUse({ in_use, reason, organization }: MyKey): string {
  const org = organization === undefined ? 'the organization' : `"${sanitized(organization.name)}"`;
  if (in_use === 'own') return 'own key';
  if (in_use === 'organization') return `key of ${org}`;
  if (reason === 'provider_disabled') return 'none: switched off on the server';
  if (reason === 'own_key_required') return `none: ${org} wants your own`;
  return reason === 'no_organization_key' ? `none: ${org} has no key` : 'none: no key is stored';
}

/** Returns the first and last characters of a key, which are no secret; undefined for anything that is not such a fingerprint. */
export function fingerprintIn({ fingerprint }: { readonly fingerprint?: unknown }): string | undefined {
  return typeof fingerprint === 'string' && /^[\x21-\x7e]{0,12}…[\x21-\x7e]{0,4}$/.test(fingerprint)
    ? fingerprint
    : undefined;
}

function checked(key: MyKey): MyKey {
  return { ...key, fingerprint: fingerprintIn(key) ?? null };
}

function isMyKey(value: unknown): value is MyKey {
  const { provider, label, configured, configured_at, in_use } = (value ?? {}) as Record<
    keyof MyKey,
    unknown
  >;
  const isTime = configured_at === null || typeof configured_at === 'string';
  const isText = isProviderId(provider) && typeof label === 'string';
  const isChoice = in_use === null || in_use === 'own' || in_use === 'organization';
  return isText && typeof configured === 'boolean' && isTime && isChoice;
}
