import { CliError } from './cli-error';
import { Io } from './io';
import { asMachineToken, MachineToken } from './machine-token';
import { privatePath, readPrivate, removePrivate, writePrivate } from './private-files';
import { isServerUrl } from './server';
import { asDate } from './terminal';

/** The credentials that `tracevault login` stores, with the field names of the file. */
export interface Credentials {
  /** The server's URL, without a trailing slash. */
  readonly server_url: string;
  readonly token: string;
  readonly email: string;
  /** The time when the session expires (ISO 8601, UTC). */
  readonly expires_at: string;
  /** The proxy token that this machine's agents use instead of the session, if there is one. */
  readonly proxy_token?: MachineToken;
}

export function credentialsPath(io: Io): string {
  return privatePath(io, 'credentials.json');
}

/** Reads the credentials. @throws CliError when they are missing or invalid, or other users could read or replace the file. */
export async function readCredentials(io: Io): Promise<Credentials> {
  const path = credentialsPath(io);
  const text = await readPrivate(path);
  if (text === undefined) throw new CliError('You are not logged in.', 'Run: tracevault login --server URL');
  const credentials = parse(text);
  if (credentials === undefined) {
    throw new CliError(`${path} does not hold credentials.`, 'Run: tracevault login --server URL');
  }
  return credentials;
}

/** @throws CliError also when the session has expired. */
export async function readLiveCredentials(io: Io): Promise<Credentials> {
  const credentials = await readCredentials(io);
  if (hasExpired(credentials)) {
    throw new CliError(
      `Your session expired on ${asDate(credentials.expires_at)}.`,
      `Run: tracevault login --server ${credentials.server_url}`,
    );
  }
  return credentials;
}

export function hasExpired({ expires_at }: Credentials): boolean {
  return Date.parse(expires_at) <= Date.now();
}

export async function writeCredentials(io: Io, credentials: Credentials): Promise<void> {
  await writePrivate(credentialsPath(io), credentials);
}

export async function removeCredentials(io: Io): Promise<void> {
  await removePrivate(credentialsPath(io));
}

function parse(text: string): Credentials | undefined {
  try {
    return asCredentials(JSON.parse(text.replace(/^\uFEFF/, ''))); // editors on Windows add a byte order mark
  } catch {
    return undefined;
  }
}

/** Validates credentials, when written and when read. Returns undefined for a value that a later command could not use. */
export function asCredentials(value: unknown): Credentials | undefined {
  const { server_url, token, email, expires_at, proxy_token } = (value ?? {}) as Record<
    keyof Credentials,
    unknown
  >;
  if (typeof server_url !== 'string' || !isServerUrl(server_url)) return undefined;
  if (typeof token !== 'string' || !/^[!-~]+$/.test(token)) return undefined;
  if (typeof email !== 'string' || typeof expires_at !== 'string') return undefined;
  if (Number.isNaN(Date.parse(expires_at))) return undefined;
  if (proxy_token === undefined) return { server_url, token, email, expires_at };
  const own = asMachineToken(proxy_token);
  return own === undefined ? undefined : { server_url, token, email, expires_at, proxy_token: own };
}
