import { chmod, mkdir, readFile, realpath, rm, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { replaceFile } from '../files/whole-file';
import { CliError } from './cli-error';
import { Io } from './io';

/** The files that the command keeps for the owner of this account alone. */

const OTHERS = 0o077;
const OTHERS_WRITE = 0o022;

/** In the directory that the system has for configuration; XDG_CONFIG_HOME wins where it is set. */
export function privatePath(io: Io, name: string): string {
  return join(configHome(io), 'tracevault', name);
}

function configHome({ env, home }: Io): string {
  const { XDG_CONFIG_HOME: xdg, APPDATA } = env;
  if (xdg !== undefined && isAbsolute(xdg)) return xdg; // a relative one is to be ignored, says the specification
  if (process.platform === 'win32') return APPDATA ?? join(home, 'AppData', 'Roaming');
  if (process.platform === 'darwin') return join(home, 'Library', 'Application Support');
  return join(home, '.config');
}

/**
 * The text of a file; undefined where there is none.
 * @throws CliError when others could read or replace it.
 */
export async function readPrivate(path: string): Promise<string | undefined> {
  const text = await readIfThere(path);
  if (text !== undefined) await refuseIfShared(path);
  return text;
}

/** Whole and at 0600, or not at all. */
export async function writePrivate(path: string, value: object): Promise<void> {
  const tooLate = (): void => undefined; // Ctrl-C in these milliseconds must not leave a token in a file that nobody knows
  process.on('SIGINT', tooLate);
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await chmod(dirname(path), 0o700); // it may have been there
    await replaceFile(path, `${JSON.stringify(value, null, 2)}\n`);
  } catch (error) {
    throw unusable(path, error);
  } finally {
    process.off('SIGINT', tooLate);
  }
}

/** Behind a link as well: what is said to be removed must not lie elsewhere. */
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

/** For a POSIX shell. */
function quoted(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}

function unusable(path: string, error: unknown): CliError {
  const { code = 'unknown error' } = error as NodeJS.ErrnoException;
  return new CliError(`${path} can't be used (${code}).`, 'Check who owns it, and its directory.');
}
