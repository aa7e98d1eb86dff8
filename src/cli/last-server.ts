import { CliError } from './cli-error';
import { Io } from './io';
import { readCredentials } from './credentials-file';
import { privatePath, readPrivate, writePrivate } from './private-files';
import { isServerUrl, jsonObject, serverUrl } from './server';
import { say } from './terminal';

/**
 * Where to log in: as it was said, or as TRACEVAULT_SERVER says, or where the last login was. What was not typed is named,
 * before a password goes there.
 * @throws CliError (usage) when nothing says where, or it is no server's URL.
 */
export async function serverToLogInTo(io: Io, typed: string | undefined): Promise<string> {
  if (typed !== undefined) return serverUrl(typed);
  const { TRACEVAULT_SERVER: named } = io.env;
  if (named !== undefined && named !== '') {
    const server = serverUrl(named, 'TRACEVAULT_SERVER');
    say(io, `Logging in to ${server}, which TRACEVAULT_SERVER names.`);
    return server;
  }
  const last = await lastServer(io);
  if (last === undefined)
    throw new CliError(
      'It is not known which server to log in to.',
      'Run: tracevault login --server URL (or set TRACEVAULT_SERVER). The next login remembers it.',
      2,
    );
  say(io, `Logging in to ${last}, as last time.`);
  return last;
}

/** For the time after a logout, which leaves no credentials. Without it the next login needs --server, and no more. */
export async function rememberServer(io: Io, server_url: string): Promise<void> {
  await writePrivate(path(io), { server_url }).catch(() => undefined);
}

/** Undefined also when others could have written it: a password must not go where they say. */
async function lastServer(io: Io): Promise<string | undefined> {
  const credentials = await readCredentials(io).catch(() => undefined);
  if (credentials !== undefined) return credentials.server_url;
  const text = await readPrivate(path(io)).catch(() => undefined);
  const server = text === undefined ? undefined : jsonObject(text)?.server_url;
  return typeof server === 'string' && isServerUrl(server) ? server : undefined;
}

/** Beside the credentials and not in their file, which is gone after a logout, as it is said to be. */
function path(io: Io): string {
  return privatePath(io, 'last-server.json');
}
