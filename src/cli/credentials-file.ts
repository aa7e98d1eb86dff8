import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { CliError } from './cli-error';
import { asDate } from './terminal';

/** What `tracevault login` leaves behind. The names are the file's own. */
export interface Credentials {
  /** Without a trailing slash. */
  readonly server_url: string;
  readonly token: string;
  readonly email: string;
  /** ISO 8601, UTC. */
  readonly expires_at: string;
}

const OTHERS = 0o077;

/** In the directory that the system has for configuration; XDG_CONFIG_HOME wins where it is set. */
export function credentialsPath(): string {
  return join(configHome(), 'tracevault', 'credentials.json');
}

function configHome(): string {
  const { XDG_CONFIG_HOME: xdg, APPDATA } = process.env;
  if (xdg !== undefined && isAbsolute(xdg)) return xdg; // a relative one is to be ignored, says the specification
  if (process.platform === 'win32') return APPDATA ?? join(homedir(), 'AppData', 'Roaming');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support');
  return join(homedir(), '.config');
}

/** @throws CliError when nobody is logged in, or the file can be read by others, or holds something else. */
export async function readCredentials(): Promise<Credentials> {
  const path = credentialsPath();
  const text = await readIfThere(path);
  if (text === undefined) throw new CliError('You are not logged in.', 'Run: tracevault login --server URL');
  await refuseIfShared(path);
  const credentials = parse(text);
  if (credentials === undefined) {
    throw new CliError(`${path} does not hold credentials.`, 'Run: tracevault login --server URL');
  }
  return credentials;
}

/** @throws CliError also when the session is over. */
export async function readLiveCredentials(): Promise<Credentials> {
  const credentials = await readCredentials();
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

/** Whole and at 0600, or not at all: written beside its place and renamed. */
export async function writeCredentials(credentials: Credentials): Promise<void> {
  const path = credentialsPath();
  const unfinished = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(unfinished, 'wx', 0o600);
    try {
      await file.writeFile(`${JSON.stringify(credentials, null, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw unusable(path, error);
  }
}

export async function removeCredentials(): Promise<void> {
  await rm(credentialsPath(), { force: true });
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unusable(path, error);
  }
}

async function refuseIfShared(path: string): Promise<void> {
  if (process.platform === 'win32') return; // its modes say nothing of who may read
  const { mode } = await stat(path);
  if ((mode & OTHERS) === 0) return;
  throw new CliError(
    `${path} can be read by other users (mode ${(mode & 0o777).toString(8)}), and it holds your token.`,
    `Run: chmod 600 '${path}'`,
  );
}

function parse(text: string): Credentials | undefined {
  try {
    const value = JSON.parse(text) as Record<keyof Credentials, unknown> | null;
    const { server_url, token, email, expires_at } =
      value ?? ({} as Partial<Record<keyof Credentials, unknown>>);
    if (typeof server_url !== 'string' || !/^https?:\/\/[^\s?#]+$/.test(server_url)) return undefined;
    if (typeof token !== 'string' || !/^[!-~]+$/.test(token)) return undefined;
    if (typeof email !== 'string' || typeof expires_at !== 'string') return undefined;
    return Number.isNaN(Date.parse(expires_at)) ? undefined : { server_url, token, email, expires_at };
  } catch {
    return undefined;
  }
}

function unusable(path: string, error: unknown): CliError {
  const { code = 'unknown error' } = error as NodeJS.ErrnoException;
  return new CliError(`${path} can't be used (${code}).`, 'Check who owns it, and its directory.');
}
