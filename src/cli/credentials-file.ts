import { CliError } from './cli-error';
import { Io } from './io';
import { asMachineToken, MachineToken } from './machine-token';
import { privatePath, readPrivate, removePrivate, writePrivate } from './private-files';
import { isServerUrl } from './server';
import { asDate } from './terminal';

/** What `tracevault login` leaves behind. The names are the file's own. */
export interface Credentials {
  /** Without a trailing slash. */
  readonly server_url: string;
  readonly token: string;
  readonly email: string;
  /** ISO 8601, UTC. */
  readonly expires_at: string;
  /** What this machine's agents use in place of the session, when it has one. */
  readonly proxy_token?: MachineToken;
}

export function credentialsPath(io: Io): string {
  return privatePath(io, 'credentials.json');
}

/** @throws CliError when nobody is logged in, or the file can be read by others, or holds something else. */
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

/** @throws CliError also when the session is over. */
export async function readLiveCredentials(io: Io): Promise<Credentials> {
  const credentials = await readCredentials(io);
  if (hasExpired(credentials)) {
    throw new CliError(
      `Your session ended on ${asDate(credentials.expires_at)}.`,
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
    return asCredentials(JSON.parse(text.replace(/^\uFEFF/, ''))); // Windows' editors put a byte order mark there
  } catch {
    return undefined;
  }
}

/** Undefined for what a later command could not use: checked when it is written and when it is read. */
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
