import { open } from 'node:fs/promises';
import { currentUser, ownershipError, ownershipInWords, shellQuoted } from '../config/ownership';
import { StartError } from '../config/start-error';
import { fileErrorOf } from './file-error';

const SHAPE = /^sk-ant-admin[\w-]{8,256}$/;

/**
 * Reads the Admin API key from a file that no other user can read. The key is in no message.
 * @throws StartError
 */
export async function readAdminKey(path: string): Promise<string> {
  const key = (await readSecret(path)).trim();
  if (!SHAPE.test(key))
    throw new StartError(
      `${path} does not hold an Admin API key alone, which begins with sk-ant-admin. An admin of the organization creates one in the provider's console.`,
    );
  return key;
}

async function readSecret(path: string): Promise<string> {
  const file = await open(path).catch((error: unknown) => {
    throw new StartError(`${path} ${fileErrorOf(error) ?? "can't be read"}.`);
  });
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new StartError(`${path} is not a file.`);
    const problem = ownershipError(stats, 'secret', currentUser());
    if (problem !== undefined)
      throw new StartError(
        `${ownershipInWords(path, stats, 'secret', problem)} It holds a key: use a file of your own that others can't read (chmod 600 ${shellQuoted(path)}).`,
      );
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}
