import { Stats } from 'node:fs';
import { chmod, lstat, mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { currentUser, ownershipError, ownershipInWords, shellQuoted } from '../config/ownership';
import { StartError } from '../config/start-error';
import { LOCK_FILE } from './directory-lock';

/** The names of the files and directories that TraceVault itself creates in its data directory. */
const OURS = [/^pgdata(\.new)?$/, /^spool$/, /^encryption\.key(\.new)?$/, LOCK_FILE];
const OWNER_ONLY = 0o700;

/** The data directory can't be used safely. The message says what the operator has to fix before the server can start. */
class DataDirectoryError extends StartError {
  override readonly name = 'DataDirectoryError';
}

/**
 * Creates the data directory with mode 0700. An existing directory must belong to this user, and must not contain a database
 * or key that other users could have put there: they would know the master key, or have chosen the users in the database. An
 * existing directory is changed to 0700 only if it contains no foreign files: TRACEVAULT_DATA_DIR=/tmp must not lock all other
 * users out of /tmp.
 * @throws DataDirectoryError when the directory can't be created, or is not safe to use.
 */
export async function prepareDataDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: OWNER_ONLY });
    await tighten(path);
    await refuseForeignDatabase(join(path, 'pgdata'));
  } catch (error) {
    if (error instanceof DataDirectoryError) throw error;
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new DataDirectoryError(
      `The data directory ${path} can't be used (${code}). Set TRACEVAULT_DATA_DIR to a directory that this user may write to.`,
      { cause: error },
    );
  }
}

async function tighten(path: string): Promise<void> {
  const link = await lstat(path);
  const directory = await stat(path);
  if (link.isSymbolicLink() && link.uid !== 0) refuseForeigner(path, link);
  // A mounted volume usually belongs to root and a group (fsGroup of Kubernetes), which can create a directory in it.
  refuseForeigner(
    path,
    directory,
    directory.uid === 0 ? `TRACEVAULT_DATA_DIR=${join(path, 'tracevault')}` : undefined,
  );
  if ((directory.mode & 0o777) === OWNER_ONLY) return;
  const entries = await readdir(path);
  const foreign = entries.filter((name) => !OURS.some((pattern) => pattern.test(name)));
  if (foreign.length > 0) {
    throw new DataDirectoryError(
      `The data directory ${path} holds other files and can be read by other users. ` +
        `Give TraceVault a directory of its own (TRACEVAULT_DATA_DIR), or run: chmod 700 ${shellQuoted(path)}`,
    );
  }
  if (entries.length > 0) refuseOpen(path, directory);
  await chmod(path, OWNER_ONLY);
}

async function refuseForeignDatabase(path: string): Promise<void> {
  const database = await stat(path).catch(() => undefined);
  if (database === undefined) return; // the first start creates it
  refuseForeigner(path, await lstat(path));
  refuseForeigner(path, database);
  refuseOpen(path, database);
}

/**
 * Refuses a file or directory that belongs to another user.
 * @param other the alternative that the message suggests.
 * @throws DataDirectoryError
 */
function refuseForeigner(path: string, stats: Stats, other = 'another TRACEVAULT_DATA_DIR'): void {
  const user = currentUser();
  if (ownershipError(stats, 'directory', user) !== 'foreign') return;
  throw new DataDirectoryError(
    `${ownershipInWords(path, stats, 'directory', 'foreign')} Give TraceVault a directory of its own (${other}), ` +
      `or, if you trust all that is in this one, run: chown -R ${user ?? ''} ${shellQuoted(path)}`,
  );
}

/**
 * Refuses a directory that other users can write to.
 * @throws DataDirectoryError
 */
function refuseOpen(path: string, stats: Stats): void {
  if (ownershipError(stats, 'directory', currentUser()) !== 'open') return;
  throw new DataDirectoryError(
    `${ownershipInWords(path, stats, 'directory', 'open')} They can have put a database or a key there. ` +
      `If you trust all that is in it, run: chmod 700 ${shellQuoted(path)}`,
  );
}
