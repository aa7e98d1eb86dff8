import { randomBytes } from 'node:crypto';
import { chmod, mkdir, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { CliError } from './cli-error';
import { asMachineToken, MachineToken } from './machine-token';
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

const OTHERS = 0o077;
const OTHERS_WRITE = 0o022;

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
  const tooLate = (): void => undefined; // Ctrl-C in these milliseconds must not leave a token in a file that nobody knows
  process.on('SIGINT', tooLate);
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await chmod(dirname(path), 0o700); // it may have been there
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
  } finally {
    process.off('SIGINT', tooLate);
  }
}

export async function removeCredentials(): Promise<void> {
  const path = credentialsPath();
  // Behind a link as well: what is said to be removed must not lie elsewhere.
  await rm(await realpath(path).catch(() => path), { force: true });
  await rm(path, { force: true });
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unusable(path, error);
  }
}

/** Neither the file's content nor the file itself may be in the hands of others: they could send the next key elsewhere. */
async function refuseIfShared(path: string): Promise<void> {
  if (process.platform === 'win32') return; // its modes say nothing of who may read
  const [file, directory] = await Promise.all([stat(path), stat(dirname(path))]);
  if (file.uid !== process.getuid?.()) {
    throw new CliError(`${path} belongs to another user.`, `Remove it: rm ${quoted(path)}`);
  }
  if ((file.mode & OTHERS) !== 0) {
    throw new CliError(
      `${path} can be read by other users (mode ${(file.mode & 0o777).toString(8)}), and it holds your token.`,
      `Run: chmod 600 ${quoted(path)}`,
    );
  }
  if ((directory.mode & OTHERS_WRITE) !== 0) {
    throw new CliError(
      `Other users can put files into ${dirname(path)}.`,
      `Run: chmod 700 ${quoted(dirname(path))}`,
    );
  }
}

function parse(text: string): Credentials | undefined {
  try {
    return asCredentials(JSON.parse(text));
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

/** For a POSIX shell. */
function quoted(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}

function unusable(path: string, error: unknown): CliError {
  const { code = 'unknown error' } = error as NodeJS.ErrnoException;
  return new CliError(`${path} can't be used (${code}).`, 'Check who owns it, and its directory.');
}
