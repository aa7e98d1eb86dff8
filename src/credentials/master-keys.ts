import { createHash, createSecretKey, KeyObject, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { FileHandle, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Config } from '../config/config';
import {
  currentUser,
  OwnershipError,
  ownershipError,
  ownershipInWords,
  shellQuoted,
} from '../config/ownership';
import { StartError } from '../config/start-error';
import { createFile } from '../files/whole-file';

const FILE = 'encryption.key';
const KEY_BYTES = 32;
const ITSELF =
  'Put the key file itself in its place, or set TRACEVAULT_ENCRYPTION_KEY to what the file holds.';

/** The master keys, which encrypt stored credentials, with their ids. Each row names the id of its master key. */
export interface MasterKeys {
  readonly current: MasterKey;
  /** The current and previous keys by their ids. */
  readonly byId: ReadonlyMap<string, MasterKey>;
}

interface MasterKey {
  readonly id: string;
  readonly key: KeyObject;
}

/** An error that prevents the start. Its message says what to do. */
export class MasterKeyError extends StartError {
  override readonly name = 'MasterKeyError';
}

/** Derives the id of a key: the first 64 bits of a hash, which do not reveal the key. */
function deriveMasterKeyId(key: KeyObject): string {
  return createHash('sha256')
    .update('tracevault master key id')
    .update(key.export())
    .digest('hex')
    .slice(0, 16);
}

export function masterKeys(current: KeyObject, previous: readonly KeyObject[]): MasterKeys {
  const named = (key: KeyObject): MasterKey => ({ id: deriveMasterKeyId(key), key });
  const all = [...previous.map(named), named(current)];
  return { current: named(current), byId: new Map(all.map((key) => [key.id, key])) };
}

/**
 * Returns the path of the file in which the embedded database's master key is stored, in standard base64 as in
 * TRACEVAULT_ENCRYPTION_KEY.
 */
export function masterKeyFile(dataDir: string): string {
  return join(dataDir, FILE);
}

/**
 * Reads or creates the master key of the embedded database. It is stored in the data directory beside the database,
 * readable by its owner alone.
 * @param hasStoredKeys returns whether rows exist that an earlier key encrypted, which a new key would make unreadable
 * forever.
 * @throws MasterKeyError when the file is missing although rows need it, or when it holds no key or can't be trusted.
 */
export async function keyFromDataDirectory(
  { dataDir }: Extract<Config['database'], { kind: 'embedded' }>,
  hasStoredKeys: () => Promise<boolean>,
): Promise<{ key: KeyObject; created: boolean; path: string }> {
  const path = masterKeyFile(dataDir);
  const existing = await readIfThere(path);
  if (existing !== undefined) return { key: parse(existing, path), created: false, path };
  if (await hasStoredKeys()) {
    throw new MasterKeyError(
      `${path} is missing, and the database holds keys that were encrypted with it or with another master key. ` +
        'Put the file back, or set TRACEVAULT_ENCRYPTION_KEY to the key that was used.',
    );
  }
  const text = `${randomBytes(KEY_BYTES).toString('base64')}\n`;
  await createFile(path, (file) => file.writeFile(text), `${path}.new`); // atomic, because half a key file would be a lost key
  return { key: parse(await readFile(path, 'utf8'), path), created: true, path };
}

/**
 * Reads the key file.
 * @returns undefined when there is none.
 * @throws MasterKeyError for a file that another user owns or can read or change, and for anything that is not a readable
 * file.
 */
async function readIfThere(path: string): Promise<string | undefined> {
  let file: FileHandle | undefined;
  try {
    // The checks apply to the opened file and links are not followed, so that nobody can swap the file in between.
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    await refuseUntrusted(file, path);
    return await file.readFile('utf8');
  } catch (error) {
    if (error instanceof MasterKeyError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new MasterKeyError(
      code === 'ELOOP'
        ? `${path} is a symbolic link. ${ITSELF}`
        : `${path} can't be read (${String(code)}). Fix its permissions.`,
      { cause: error },
    );
  } finally {
    await file?.close();
  }
}

async function refuseUntrusted(file: FileHandle, path: string): Promise<void> {
  const stats = await file.stat();
  if (!stats.isFile()) throw new MasterKeyError(`${path} is not a file. ${ITSELF}`);
  const problem = ownershipError(stats, 'secret', currentUser());
  if (problem !== undefined)
    throw new MasterKeyError(`${ownershipInWords(path, stats, 'secret', problem)} ${remedy(problem, path)}`);
}

function remedy(problem: OwnershipError, path: string): string {
  switch (problem) {
    case 'foreign':
      return (
        'Whoever put it there knows the key. Put the right file back; if this is the right one, run: ' +
        `chown ${currentUser() ?? ''} ${shellQuoted(path)}`
      );
    case 'open':
      return `It opens all stored keys. Run: chmod 600 ${shellQuoted(path)}`;
  }
}

function parse(text: string, path: string): KeyObject {
  const bytes = Buffer.from(text.trim(), 'base64');
  if (bytes.length !== KEY_BYTES || bytes.toString('base64') !== text.trim()) {
    throw new MasterKeyError(
      `${path} doesn't hold a key (standard base64 of 32 bytes). Put the right file back.`,
    );
  }
  return createSecretKey(bytes);
}
