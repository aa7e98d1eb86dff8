import { randomBytes } from 'node:crypto';
import { access, FileHandle, link, lstat, open, rename, rm } from 'node:fs/promises';

/** The file that was to be created already exists. */
export class FileExistsError extends Error {
  override readonly name = 'FileExistsError';
}

/** The codes with which `link` fails on file systems without hard links, such as FAT. */
const NO_LINKS: readonly unknown[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/**
 * Replaces a file atomically: the new content is written to a temporary file with mode 0600, flushed to disk and renamed. If
 * this fails, the previous file is kept.
 */
export async function replaceFile(path: string, content: string | Buffer): Promise<void> {
  const unfinished = `${path}.${randomBytes(6).toString('hex')}`; // unique, so that concurrent calls don't share it
  await throughUnfinished(
    unfinished,
    (file) => file.writeFile(content),
    () => rename(unfinished, path),
  );
}

/**
 * Creates a file with mode 0600 atomically: it appears at its path when it is complete and flushed to disk, or not at all.
 * @param unfinished the path of the temporary file, in the same directory; a leftover of a killed process is removed.
 * @returns the result of `write`.
 * @throws FileExistsError when the file exists, is created meanwhile, or is being written by another process: a file is never overwritten.
 */
export async function createFile<T>(
  path: string,
  write: (file: FileHandle) => Promise<T>,
  unfinished = `${path}.unfinished`,
): Promise<T> {
  if (await exists(path)) throw new FileExistsError();
  await rm(unfinished, { force: true });
  return throughUnfinished(unfinished, write, () => moveToFreePlace(unfinished, path));
}

/** Writes the temporary file and moves it into place, or removes it when either fails. */
async function throughUnfinished<T>(
  unfinished: string,
  write: (file: FileHandle) => Promise<T>,
  moveIntoPlace: () => Promise<void>,
): Promise<T> {
  const result = await writeToDisk(unfinished, write);
  try {
    await moveIntoPlace();
    return result;
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

async function writeToDisk<T>(path: string, write: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, 'wx', 0o600);
  try {
    const result = await write(file);
    await file.sync(); // otherwise the rename could reach the disk before the content
    if (!(await isAt(path, file))) throw new FileExistsError();
    return result;
  } catch (error) {
    if (await isAt(path, file)) await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

/** Whether the path still leads to this file: another process may have taken it for a leftover and put its own file there. */
async function isAt(path: string, file: FileHandle): Promise<boolean> {
  const [own, there] = await Promise.all([file.stat(), lstat(path).catch(() => undefined)]);
  return there?.ino === own.ino && there.dev === own.dev;
}

/**
 * Moves the temporary file to its path without overwriting: unlike a rename, a hard link fails when the path exists.
 * @throws FileExistsError when it does.
 */
async function moveToFreePlace(unfinished: string, path: string): Promise<void> {
  try {
    await link(unfinished, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' || (await exists(path))) throw new FileExistsError();
    if (!NO_LINKS.includes(code)) throw error;
    await rename(unfinished, path);
    return;
  }
  await rm(unfinished);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
