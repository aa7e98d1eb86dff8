import { chmod, mkdir, readdir, stat } from 'node:fs/promises';
import { LOCK_FILE } from './directory-lock';
import { StartError } from '../config/start-error';

/** What TraceVault itself puts into its data directory. */
const OURS = [/^pgdata(\.new)?$/, /^encryption\.key(\.new)?$/, LOCK_FILE];
const OWNER_ONLY = 0o700;

/** Something that a person has to mend before the server can start; the message says what. */
class DataDirectoryError extends StartError {
  override readonly name = 'DataDirectoryError';
}

/**
 * Makes the data directory, readable by its owner alone. An existing one is tightened only when nothing foreign lies
 * in it: TRACEVAULT_DATA_DIR=/tmp must not take /tmp away from everybody else.
 * @throws DataDirectoryError
 */
export async function prepareDataDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: OWNER_ONLY });
    const { mode } = await stat(path);
    if ((mode & 0o777) === OWNER_ONLY) return;
    const foreign = (await readdir(path)).filter((name) => !OURS.some((pattern) => pattern.test(name)));
    if (foreign.length > 0) {
      throw new DataDirectoryError(
        `The data directory ${path} holds other files and can be read by other users. ` +
          `Give TraceVault a directory of its own (TRACEVAULT_DATA_DIR), or run: chmod 700 '${path}'`,
      );
    }
    await chmod(path, OWNER_ONLY);
  } catch (error) {
    if (error instanceof DataDirectoryError) throw error;
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new DataDirectoryError(
      `The data directory ${path} can't be used (${code}). Set TRACEVAULT_DATA_DIR to a directory that this user may write to.`,
      { cause: error },
    );
  }
}
