import { Stats } from 'node:fs';
import { chmod, lstat, mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { currentUser, ownershipError, ownershipInWords, shellQuoted } from '../config/ownership';
import { StartError } from '../config/start-error';
import { LOCK_FILE } from './directory-lock';

/** What TraceVault itself puts into its data directory. */
const OURS = [/^pgdata(\.new)?$/, /^encryption\.key(\.new)?$/, LOCK_FILE];
const OWNER_ONLY = 0o700;

/** Something that a person has to fix before the server can start; the message says what. */
class DataDirectoryError extends StartError {
  override readonly name = 'DataDirectoryError';
}

/**
 * Makes the data directory, readable by its owner alone. An existing one has to be this user's, and must not hold what
 * others can have put there: they would know the master key, or have chosen the people in the database. It is tightened only
 * when nothing foreign lies in it: TRACEVAULT_DATA_DIR=/tmp must not take /tmp away from everybody else.
 * @throws DataDirectoryError
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
  // A volume is root's and a group's as a rule (fsGroup of Kubernetes): there is room for a directory in it.
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
  if (database === undefined) return; // it is made at the first start
  refuseForeigner(path, await lstat(path));
  refuseForeigner(path, database);
  refuseOpen(path, database);
}

/** @param other what to use in its place. */
function refuseForeigner(path: string, stats: Stats, other = 'another TRACEVAULT_DATA_DIR'): void {
  const user = currentUser();
  if (ownershipError(stats, 'directory', user) !== 'foreign') return;
  throw new DataDirectoryError(
    `${ownershipInWords(path, stats, 'directory', 'foreign')} Give TraceVault a directory of its own (${other}), ` +
      `or, if you trust all that is in this one, run: chown -R ${user ?? ''} ${shellQuoted(path)}`,
  );
}

function refuseOpen(path: string, stats: Stats): void {
  if (ownershipError(stats, 'directory', currentUser()) !== 'open') return;
  throw new DataDirectoryError(
    `${ownershipInWords(path, stats, 'directory', 'open')} They can have put a database or a key there. ` +
      `If you trust all that is in it, run: chmod 700 ${shellQuoted(path)}`,
  );
}
