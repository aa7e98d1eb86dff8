import { randomBytes } from 'node:crypto';
import { access, FileHandle, link, open, rename, rm } from 'node:fs/promises';

/** A file that is to be new is there already. */
export class FileExistsError extends Error {
  override readonly name = 'FileExistsError';
}

/** What `link` fails with on file systems that have no hard links, FAT for one. */
const NO_LINKS: readonly unknown[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/** Writes a file that is whole, on the disk and at mode 0600; until then, and when it fails, the earlier one stays. */
export async function replaceFile(path: string, content: string): Promise<void> {
  const unfinished = `${path}.${randomBytes(6).toString('hex')}`; // one of its own for each of two at once
  await throughUnfinished(
    unfinished,
    (file) => file.writeFile(content),
    () => rename(unfinished, path),
  );
}

/**
 * Writes a file that is whole, on the disk and at mode 0600, or not there at all.
 * @param unfinished where it is written first, in the same directory; what a killed run has left there is removed.
 * @returns what `write` returns.
 * @throws FileExistsError when there is one, or comes to be one meanwhile: nothing is ever overwritten.
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

async function throughUnfinished<T>(
  unfinished: string,
  write: (file: FileHandle) => Promise<T>,
  moveIntoPlace: () => Promise<void>,
): Promise<T> {
  try {
    const result = await writeToDisk(unfinished, write);
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
    await file.sync(); // a rename can reach the disk before the bytes do
    return result;
  } finally {
    await file.close();
  }
}

/** A link, unlike a rename, fails where there is a file. */
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
