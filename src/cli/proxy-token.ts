import { hostname } from 'node:os';
import { CliError } from './cli-error';
import { Io } from './io';
import { Credentials, readCredentials, readLiveCredentials, writeCredentials } from './credentials-file';
import { asMachineToken, expiryWarning, isOver, MachineToken, untilWhen } from './machine-token';
import { confirm, isInteractive } from './prompt';
import { call, callOrFail, isBecause } from './server';
import { sanitized, print, say } from './terminal';
import { list, MAKE_ONE, PATH } from './token-list';
import { tokenNamed } from './token-named';

const DEFAULT_DAYS = 90;
/** Of a hostname that becomes a token's name. */
const MAX_NAME_LENGTH = 100;

/** The token alone, for Claude Code's apiKeyHelper: this machine's own, or the session's. */
export async function printToken(io: Io): Promise<void> {
  const { proxy_token: own } = await readCredentials(io);
  if (own !== undefined && !isOver(own.expires_at)) {
    print(io, own.token);
    return;
  }
  if (own !== undefined) say(io, `${String(expiryWarning(own.name, own.expires_at))} Run: ${MAKE_ONE}`);
  print(io, (await readLiveCredentials(io)).token);
}

interface CreateOptions {
  readonly name?: string;
  /** A number of days, or `never`. */
  readonly expires?: string;
  /** Kept on this machine for its agents, and not printed. */
  readonly here?: boolean;
}

export async function createToken(io: Io, { name, expires, here = false }: CreateOptions): Promise<void> {
  const credentials = await readLiveCredentials(io);
  if (name === undefined && !here) throw new CliError('A token needs a name, or --here.', undefined, 2);
  const created = await make(credentials, name ?? thisMachine(), daysOf(expires));
  const what = `"${sanitized(created.name)}", ${untilWhen(created.expires_at)}`;
  if (!here) {
    print(io, created.token);
    say(io, `This is the proxy token ${what}. It is shown only now.`);
    return;
  }
  await keep(io, credentials, created);
  say(io, `This machine's agents use the proxy token ${what}. Next: tracevault proxy info`);
}

/** @param which its name, when only one has it, or its id or the beginning of it. */
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
  const now = await readCredentials(io); // somebody may have logged in again while the question stood
  if (token.id === now.proxy_token?.id) await writeCredentials(io, withoutToken(now));
  say(io, `The proxy token "${sanitized(token.name)}" is revoked. Other tokens go on.`);
}

/** @param which as of revokeToken. */
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
 * Of a machine that has logged in: whether to make one for its agents.
 * @param wanted as its person said; undefined when they are to be asked.
 */
export async function offerToken(io: Io, loggedIn: Credentials, wanted: boolean | undefined): Promise<void> {
  const credentials = await withLiveToken(io, loggedIn);
  const { proxy_token: own } = credentials;
  const ending = own === undefined ? undefined : expiryWarning(own.name, own.expires_at);
  if (own !== undefined && ending === undefined) return;
  if (ending !== undefined && wanted !== true) say(io, `Warning: ${ending} Run: ${MAKE_ONE}`);
  if (wanted === false || (own !== undefined && wanted !== true)) return;
  if (wanted !== true) {
    if (!isInteractive(io)) return;
    const question = `Create a proxy token for this machine (${DEFAULT_DAYS} days)? Its agents then go on when your session ends.`;
    const isWanted = await confirm(io, question).catch(() => false); // Ctrl-C is a no as well: the login stands
    if (!isWanted) return;
  }
  const created = await make(credentials, thisMachine(), DEFAULT_DAYS);
  await keep(io, credentials, created);
  say(
    io,
    `This machine's agents use the proxy token "${sanitized(created.name)}", ${untilWhen(created.expires_at)}.`,
  );
}

/** Without the token that was revoked elsewhere in the meantime: agents would go on being refused with it. */
async function withLiveToken(io: Io, credentials: Credentials): Promise<Credentials> {
  const { proxy_token: own } = credentials;
  if (own === undefined || (await list(credentials)).some(({ id }) => id === own.id)) return credentials;
  say(io, `The proxy token "${sanitized(own.name)}" of this machine was revoked.`);
  await writeCredentials(io, withoutToken(credentials));
  return withoutToken(credentials);
}

/**
 * As far as its server can be asked; says so where it can't.
 * @returns whether this machine's token, if it has one, is of no use any more.
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

async function make(
  { server_url, token }: Credentials,
  name: string,
  days: number | null,
): Promise<MachineToken> {
  const body = { name, expires_in_days: days };
  const created = asMachineToken(await callOrFail(server_url, 'POST', PATH, { token, body }));
  if (created === undefined) throw new CliError(`${server_url} does not answer as TraceVault does.`);
  return created;
}

/** In the place of the one before, which nobody could find again. */
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
