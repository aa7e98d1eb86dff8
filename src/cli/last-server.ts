import { CliError } from './cli-error';
import { Io } from './io';
import { readCredentials } from './credentials-file';
import { privatePath, readPrivate, writePrivate } from './private-files';
import { isServerUrl, jsonObject, serverUrl } from './server';
import { say } from './terminal';

/**
 * Returns the URL of the server to log in to: the typed one, otherwise TRACEVAULT_SERVER, otherwise that of the last login.
 * A URL that was not typed is printed, before a password is sent to it.
 * @throws CliError (usage) when no server is known, or its URL is invalid.
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

/**
 * Remembers the server across a logout, which removes the credentials. A failure is ignored: the next login then merely needs
 * --server.
 */
export async function rememberServer(io: Io, server_url: string): Promise<void> {
  await writePrivate(path(io), { server_url }).catch(() => undefined);
}

/** Returns the last server; undefined also if other users could have written the file and so redirect the next password. */
async function lastServer(io: Io): Promise<string | undefined> {
  const credentials = await readCredentials(io).catch(() => undefined);
  if (credentials !== undefined) return credentials.server_url;
  const text = await readPrivate(path(io)).catch(() => undefined);
  const server = text === undefined ? undefined : jsonObject(text)?.server_url;
  return typeof server === 'string' && isServerUrl(server) ? server : undefined;
}

/** Returns the path of a file of its own, because a logout removes the credentials file. */
function path(io: Io): string {
  return privatePath(io, 'last-server.json');
}
