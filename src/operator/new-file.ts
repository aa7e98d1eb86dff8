import { access, open, rename, rm } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { QueryFailedError } from 'typeorm';

class FileExistsError extends Error {
  override readonly name = 'FileExistsError';
}

/**
 * Writes a file that is whole, on the disk and at 0600, or not there at all; over nothing that is there.
 * @returns what `write` returns.
 */
export async function intoNewFile<T>(path: string, write: (out: Writable) => Promise<T>): Promise<T> {
  if (await exists(path)) throw new FileExistsError();
  const unfinished = `${path}.unfinished`;
  await rm(unfinished, { force: true }); // of a run that was killed
  const handle = await open(unfinished, 'wx', 0o600);
  try {
    const result = await write(handle.createWriteStream({ autoClose: false }));
    await handle.sync();
    await rename(unfinished, path);
    return result;
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}

/** What is the matter with a file, to be read after its name; undefined for what is not about a file. */
export function fault(error: unknown): string | undefined {
  if (error instanceof FileExistsError) return 'is there already: choose another name, or remove it';
  if (!(error instanceof Error) || error instanceof QueryFailedError) return undefined;
  const { code, syscall } = error as NodeJS.ErrnoException;
  return syscall === undefined ? undefined : `can't be used (${code ?? error.message})`;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
