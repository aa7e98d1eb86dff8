import { ANTHROPIC_KEY_PREFIX } from '../config/credential-shapes';
import { CliError } from './cli-error';
import { Io } from './io';
import { Credentials, readLiveCredentials } from './credentials-file';
import { askSecret, confirm, isInteractive } from './prompt';
import { call, callOrFail, isBecause, refusalOf, succeeded } from './server';
import { asDate, sanitized, print, printJson, say } from './terminal';

const PATH = 'me/anthropic-key';

/** The error codes of a key that the provider refused or could not verify (unreachable, error or timeout). */
const NOT_FOUND_WORKING = ['key_refused', 'provider_unreachable', 'provider_error', 'provider_timeout'];

export async function keyStatus(io: Io, { json = false }: { json?: boolean }): Promise<void> {
  const credentials = await readLiveCredentials(io);
  const { configured, configured_at, last_use, ...answer } = await ask(credentials, 'GET');
  const fingerprint = fingerprintIn(answer) ?? null;
  if (json) printJson(io, { configured, fingerprint, configured_at, last_use });
  else if (configured === true) {
    const what = fingerprint === null ? 'An Anthropic key' : `The key ${fingerprint}`;
    print(io, `${what} is stored since ${asDate(String(configured_at))}.`);
    print(io, lastUse((last_use ?? null) as LastUse | null));
  } else print(io, 'No Anthropic key is stored. Run: tracevault proxy key set');
}

interface LastUse {
  readonly at: string;
  readonly client: string | null;
  readonly status: number | null;
}

function lastUse(use: LastUse | null): string {
  if (use === null) return 'No request has come through with it yet.';
  const client = sanitized(use.client ?? 'a client that did not say what it is');
  const answer =
    use.status === null ? 'which left before there was an answer' : `answered with ${use.status}`;
  return `Last used ${asDate(use.at)} by ${client}, ${answer}.`;
}

/** Returns the first and last characters of the key, which are no secret; undefined for anything that is not such a fingerprint. */
function fingerprintIn({ fingerprint }: Record<string, unknown>): string | undefined {
  return typeof fingerprint === 'string' && /^sk-ant-[\x21-\x7e]{0,5}…[\x21-\x7e]{0,4}$/.test(fingerprint)
    ? fingerprint
    : undefined;
}

/**
 * Reads the key from a prompt without echo or from stdin, and sends it to the server, which stores it if the provider accepts
 * it. With `force`, the server stores the key without asking the provider.
 * @throws CliError when the input is not an Anthropic key, or the server does not store it.
 */
export async function setKey(io: Io, { force = false }: { force?: boolean }): Promise<void> {
  const credentials = await readLiveCredentials(io);
  const key = (await askSecret(io, 'Anthropic key (sk-ant-..., not shown): ')).trim();
  if (!key.startsWith(ANTHROPIC_KEY_PREFIX)) {
    throw new CliError(
      key === ''
        ? 'No key came in. Nothing was changed.'
        : 'This is no Anthropic key: it does not begin with sk-ant-. Nothing was changed.',
      'Get one at https://console.anthropic.com/settings/keys',
    );
  }
  const { server_url: server, token } = credentials;
  const path = `${PATH}?check=true${force ? '&force=true' : ''}`;
  const answer = await call(server, 'PUT', path, { token, body: { key } });
  if (isBecause(answer, ...NOT_FOUND_WORKING))
    throw new CliError(refusalOf(answer), 'To store it anyway: tracevault proxy key set --force');
  const stored = succeeded(answer, server, token);
  const fingerprint = fingerprintIn(stored);
  const which = fingerprint === undefined ? '' : `: ${fingerprint}`;
  const how =
    stored.status === 'works' ? 'works, and is stored, encrypted' : 'is stored unchecked, encrypted';
  say(io, `The key ${how}${which}. Next: tracevault proxy info`);
}

export async function removeKey(io: Io, { yes = false }: { yes?: boolean }): Promise<void> {
  const credentials = await readLiveCredentials(io);
  if (!yes) {
    if (!isInteractive(io))
      throw new CliError('Removing the key needs --yes when nobody can be asked.', undefined, 2);
    const sure = await confirm(
      io,
      `Remove your Anthropic key from ${credentials.server_url}? Your agents stop working.`,
    );
    if (!sure) throw new CliError('Nothing was changed.');
  }
  await ask(credentials, 'DELETE');
  say(io, 'No key is stored any more.');
}

async function ask(
  { server_url, token }: Credentials,
  method: string,
  body?: object,
): Promise<Record<string, unknown>> {
  return callOrFail(server_url, method, PATH, { token, ...(body !== undefined && { body }) });
}
