import { chmod, mkdir, readFile, realpath, rm, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { replaceFile } from '../files/whole-file';
import { CliError } from './cli-error';
import { Io } from './io';

/** Functions for the command's files, which only the owner of the account may read or write. */

const OTHERS = 0o077;
const OTHERS_WRITE = 0o022;

/** Returns the path of a file in the system's configuration directory; XDG_CONFIG_HOME takes precedence. */
export function privatePath(io: Io, name: string): string {
  return join(configHome(io), 'tracevault', name);
}

function configHome({ env, home }: Io): string {
  const { XDG_CONFIG_HOME: xdg, APPDATA } = env;
  if (xdg !== undefined && isAbsolute(xdg)) return xdg; // the specification says to ignore a relative path
  if (process.platform === 'win32') return APPDATA ?? join(home, 'AppData', 'Roaming');
  if (process.platform === 'darwin') return join(home, 'Library', 'Application Support');
  return join(home, '.config');
}

/**
 * Reads a file; returns undefined if it does not exist.
 * @throws CliError when it can't be read, or when other users could read or replace it.
 */
export async function readPrivate(path: string): Promise<string | undefined> {
  const text = await readIfThere(path);
  if (text !== undefined) await refuseIfShared(path);
  return text;
}

/** Writes a value as JSON, atomically and with mode 0600. @throws CliError when it can't be written. */
export async function writePrivate(path: string, value: object): Promise<void> {
  const tooLate = (): void => undefined; // Ctrl-C during the write must not leave a token in a temporary file
  process.on('SIGINT', tooLate);
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await chmod(dirname(path), 0o700); // it may have existed with another mode
    await replaceFile(path, `${JSON.stringify(value, null, 2)}\n`);
  } catch (error) {
    throw unusable(path, error);
  } finally {
    process.off('SIGINT', tooLate);
  }
}

/** Removes a file, and the target if it is a link, so that the content is not left elsewhere. */
export async function removePrivate(path: string): Promise<void> {
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

/** Refuses a file that other users can read or replace, because they could redirect the next key. @throws CliError. */
async function refuseIfShared(path: string): Promise<void> {
  if (process.platform === 'win32') return; // file modes do not describe access there
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

/** Quotes a path for a POSIX shell. */
function quoted(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}

function unusable(path: string, error: unknown): CliError {
  const { code = 'unknown error' } = error as NodeJS.ErrnoException;
  return new CliError(`${path} can't be used (${code}).`, 'Check who owns it, and its directory.');
}
