import { CliError } from './cli-error';
import { Io } from './io';
import { readLiveCredentials } from './credentials-file';
import { DEFAULT_PROVIDER, KNOWN_PROVIDERS, providerOption } from './known-providers';
import { fetchMyKeys, fingerprintIn, keyOf } from './my-keys';
import { askSecret, confirm, isInteractive } from './prompt';
import { Answer, call, callOrFail, isBecause, refusalOf, succeeded } from './server';
import { ServerProvider, ServerProviders } from './server-providers';
import { sanitized, say } from './terminal';

/** The error codes of a key that the provider refused or could not verify (unreachable, error or timeout). */
const NOT_FOUND_WORKING = ['key_refused', 'provider_unreachable', 'provider_error', 'provider_timeout'];

interface SetOptions {
  readonly provider?: string;
  readonly force?: boolean;
}

/**
 * Reads the key from a prompt without echo or from stdin, and sends it to the server, which stores it if the provider accepts
 * it. With `force`, the server stores the key without asking the provider.
 * @throws CliError when the input does not look like a key of a provider, or the server does not store it.
 */
export async function setKey(
  io: Io,
  { provider: id = DEFAULT_PROVIDER, force = false }: SetOptions,
): Promise<void> {
  const credentials = await readLiveCredentials(io);
  const providers = await ServerProviders.of(credentials);
  const provider = providers.named(id);
  const key = (await askSecret(io, promptFor(provider))).trim();
  refuseUnlessKey(key, provider, providers);
  const { server_url: server, token } = credentials;
  const path = `${providers.keyPath(id)}?check=true${force ? '&force=true' : ''}`;
  const answer = await call(server, 'PUT', path, { token, body: { key } });
  if (isBecause(answer, ...NOT_FOUND_WORKING))
    throw new CliError(
      refusalOf(answer),
      `To store it anyway: tracevault proxy key set${providerOption(id)} --force`,
    );
  const owner = providers.ownerOfKey(key);
  if (isBecause(answer, 'other_providers_key') && owner !== undefined)
    throw new CliError(
      `${refusalOf(answer)} Nothing was changed.`,
      `Run: tracevault proxy key set${providerOption(owner.id)}`,
    );
  say(io, storedWords(succeeded(answer, server, token), id));
}

function promptFor({ label, key_prefix }: ServerProvider): string {
  return `${sanitized(label)} key (${key_prefix === null ? '' : `${key_prefix}..., `}not shown): `;
}

/**
 * Refuses what is no provider's key before it is sent anywhere: it may be a password. A key of another provider is sent, since
 * the server says whose it is.
 */
function refuseUnlessKey(
  key: string,
  { id, label, key_prefix }: ServerProvider,
  providers: ServerProviders,
): void {
  const keysPage = KNOWN_PROVIDERS.get(id)?.keysPage;
  const hint = keysPage === undefined ? undefined : `Get one at ${keysPage}`;
  if (key === '') throw new CliError('No key came in. Nothing was changed.', hint);
  if (key_prefix === null || providers.ownerOfKey(key) !== undefined) return;
  throw new CliError(
    `This is no ${sanitized(label)} key: it does not begin with ${key_prefix}. Nothing was changed.`,
    hint,
  );
}

function storedWords(stored: Answer['body'], id: string): string {
  const fingerprint = fingerprintIn(stored);
  const which = fingerprint === undefined ? '' : `: ${fingerprint}`;
  const how =
    stored.status === 'works' ? 'works, and is stored, encrypted' : 'is stored unchecked, encrypted';
  return `The key ${how}${which}. Next: tracevault proxy info${providerOption(id)}`;
}

interface RemoveOptions {
  readonly provider?: string;
  readonly yes?: boolean;
}

export async function removeKey(
  io: Io,
  { provider: id = DEFAULT_PROVIDER, yes = false }: RemoveOptions,
): Promise<void> {
  const credentials = await readLiveCredentials(io);
  if (!yes && !isInteractive(io))
    throw new CliError('Removing the key needs --yes when nobody can be asked.', undefined, 2);
  const { server_url: server, token } = credentials;
  const { keys, isEarlierVersion } = await fetchMyKeys(credentials);
  const { label } = keyOf(keys, id, isEarlierVersion ? server : undefined);
  if (!yes) {
    const sure = await confirm(
      io,
      `Remove your ${sanitized(label)} key from ${server}? Agents that use it stop working.`,
    );
    if (!sure) throw new CliError('Nothing was changed.');
  }
  await callOrFail(server, 'DELETE', isEarlierVersion ? 'me/anthropic-key' : `me/keys/${id}`, { token });
  say(io, `No ${sanitized(label)} key of yours is stored any more.`);
}
