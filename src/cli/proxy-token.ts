import { hostname } from 'node:os';
import { CliError } from './cli-error';
import { Io } from './io';
import { Credentials, readCredentials, readLiveCredentials, writeCredentials } from './credentials-file';
import { asMachineToken, expiryWarning, isOver, MachineToken, untilWhen } from './machine-token';
import { confirm, isInteractive } from './prompt';
import { call, callOrFail, isBecause } from './server';
import { sanitized, print, say } from './terminal';
import { list, CREATE_ONE, PATH } from './token-list';
import { tokenNamed } from './token-named';

const DEFAULT_DAYS = 90;
/** The maximum length of a token's name that is taken from the hostname, in characters. */
const MAX_NAME_LENGTH = 100;

/**
 * Prints only the token, for Claude Code's apiKeyHelper: the machine's proxy token, or the session's token if there is none
 * or it has expired.
 * @throws CliError when neither is valid.
 */
export async function printToken(io: Io): Promise<void> {
  const { proxy_token: own } = await readCredentials(io);
  if (own !== undefined && !isOver(own.expires_at)) {
    print(io, own.token);
    return;
  }
  if (own !== undefined) say(io, `${String(expiryWarning(own.name, own.expires_at))} Run: ${CREATE_ONE}`);
  print(io, (await readLiveCredentials(io)).token);
}

interface CreateOptions {
  readonly name?: string;
  /** The number of days until the token expires, or `never`. */
  readonly expires?: string;
  /** Whether the token is stored on this machine for its agents rather than printed. */
  readonly here?: boolean;
  /** The name of the organization that the token's calls belong to; the server chooses one without it. */
  readonly org?: string;
}

export async function createToken(
  io: Io,
  { name, expires, here = false, org }: CreateOptions,
): Promise<void> {
  const credentials = await readLiveCredentials(io);
  if (name === undefined && !here) throw new CliError('A token needs a name, or --here.', undefined, 2);
  const created = await create(credentials, name ?? thisMachine(), daysOf(expires), org);
  const what = `"${sanitized(created.name)}", ${untilWhen(created.expires_at)}`;
  if (!here) {
    print(io, created.token);
    say(io, `This is the proxy token ${what}. It is shown only now.`);
    return;
  }
  await keep(io, credentials, created);
  say(io, `This machine's agents use the proxy token ${what}. Next: tracevault proxy info`);
}

/**
 * Revokes a proxy token, after a confirmation unless `yes` is set.
 * @param which the token's name, its id, or at least the first six characters of the id.
 * @throws CliError when not exactly one token matches, the user does not confirm, or the request fails.
 */
export async function revokeToken(io: Io, which: string, { yes = false }: { yes?: boolean }): Promise<void> {
  const credentials = await readLiveCredentials(io);
  const token = tokenNamed(await list(credentials), which);
  if (!yes) {
    if (!isInteractive(io))
      throw new CliError('Revoking a token needs --yes when nobody can be asked.', undefined, 2);
    if (
      !(await confirm(
        io,
        `Revoke the proxy token "${sanitized(token.name)}"? Agents that use it stop working.`,
      ))
    )
      throw new CliError('Nothing was changed.');
  }
  await callOrFail(credentials.server_url, 'DELETE', `${PATH}/${token.id}`, { token: credentials.token });
  const now = await readCredentials(io); // the user may have logged in again while the confirmation was open
  if (token.id === now.proxy_token?.id) await writeCredentials(io, withoutToken(now));
  say(io, `The proxy token "${sanitized(token.name)}" is revoked. Other tokens go on.`);
}

/**
 * Renames a proxy token.
 * @param which the token, as for revokeToken().
 * @param typed the new name.
 * @throws CliError when not exactly one token matches, or the request fails.
 */
export async function renameToken(io: Io, which: string, typed: string): Promise<void> {
  const { server_url, token: session } = await readLiveCredentials(io);
  const token = tokenNamed(await list({ server_url, token: session }), which);
  const options = { token: session, body: { name: typed } };
  const { name } = await callOrFail(server_url, 'PATCH', `${PATH}/${token.id}`, options);
  if (typeof name !== 'string') throw new CliError(`${server_url} does not answer as TraceVault does.`);
  const now = await readCredentials(io);
  if (token.id === now.proxy_token?.id)
    await writeCredentials(io, { ...now, proxy_token: { ...now.proxy_token, name } });
  say(io, `The proxy token "${sanitized(token.name)}" is now called "${sanitized(name)}".`);
}

/**
 * Of a machine that has logged in: whether to create one for its agents.
 * @param wanted as its person said; undefined when they are to be asked.
 */
export async function offerToken(io: Io, loggedIn: Credentials, wanted: boolean | undefined): Promise<void> {
  const credentials = await withLiveToken(io, loggedIn);
  const { proxy_token: own } = credentials;
  const ending = own === undefined ? undefined : expiryWarning(own.name, own.expires_at);
  if (own !== undefined && ending === undefined) return;
  if (ending !== undefined && wanted !== true) say(io, `Warning: ${ending} Run: ${CREATE_ONE}`);
  if (wanted === false || (own !== undefined && wanted !== true)) return;
  if (wanted !== true) {
    if (!isInteractive(io)) return;
    const question = `Create a proxy token for this machine (${DEFAULT_DAYS} days)? Its agents then go on when your session ends.`;
    const isWanted = await confirm(io, question).catch(() => false); // Ctrl-C counts as a no: the login remains valid
    if (!isWanted) return;
  }
  const created = await create(credentials, thisMachine(), DEFAULT_DAYS);
  await keep(io, credentials, created);
  say(
    io,
    `This machine's agents use the proxy token "${sanitized(created.name)}", ${untilWhen(created.expires_at)}.`,
  );
}

/** Drops the machine's token if it was revoked elsewhere, because agents would continue to be refused with it. */
async function withLiveToken(io: Io, credentials: Credentials): Promise<Credentials> {
  const { proxy_token: own } = credentials;
  if (own === undefined || (await list(credentials)).some(({ id }) => id === own.id)) return credentials;
  say(io, `The proxy token "${sanitized(own.name)}" of this machine was revoked.`);
  await writeCredentials(io, withoutToken(credentials));
  return withoutToken(credentials);
}

/**
 * Revokes the machine's proxy token on the server; prints a warning if that fails.
 * @returns whether the machine has no valid token any more; false if it could not be revoked.
 */
export async function revokeMachineToken(io: Io, credentials: Credentials): Promise<boolean> {
  const { server_url, token, proxy_token: own } = credentials;
  if (own === undefined || isOver(own.expires_at)) return true;
  const answer = await call(server_url, 'DELETE', `${PATH}/${own.id}`, { token }).catch(() => undefined);
  const revoked =
    answer !== undefined && (answer.status === 204 || isBecause(answer, 'proxy_token_not_found'));
  if (!revoked)
    say(
      io,
      `Warning: the proxy token "${sanitized(own.name)}" of this machine could not be revoked. It works ${untilWhen(own.expires_at)}; ` +
        `to revoke it sooner: ${server_url}/me/tokens/`,
    );
  return revoked;
}

async function create(
  { server_url, token }: Credentials,
  name: string,
  days: number | null,
  org?: string,
): Promise<MachineToken> {
  const body = { name, expires_in_days: days, ...(org !== undefined && { org }) };
  const created = asMachineToken(await callOrFail(server_url, 'POST', PATH, { token, body }));
  if (created === undefined) throw new CliError(`${server_url} does not answer as TraceVault does.`);
  return created;
}

/** Stores the created token, and revokes the one that it replaces, of which no copy remains. */
async function keep(io: Io, credentials: Credentials, created: MachineToken): Promise<void> {
  try {
    await writeCredentials(io, { ...credentials, proxy_token: created });
  } catch (error) {
    await revokeMachineToken(io, { ...credentials, proxy_token: created });
    throw error;
  }
  await revokeMachineToken(io, credentials);
}

function withoutToken({ server_url, token, email, expires_at }: Credentials): Credentials {
  return { server_url, token, email, expires_at };
}

function thisMachine(): string {
  return (
    hostname()
      .replace(/\P{ASCII}/gu, '?')
      .slice(0, MAX_NAME_LENGTH) || 'this machine'
  );
}

function daysOf(text: string | undefined): number | null {
  if (text === undefined) return DEFAULT_DAYS;
  if (text === 'never') return null;
  const days = Number(text);
  if (!/^\d+$/.test(text) || days < 1 || days > 3650)
    throw new CliError('--expires takes a number of days (1 to 3650), or never.', undefined, 2);
  return days;
}
