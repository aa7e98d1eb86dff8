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

/** The keys that stored credentials are encrypted with, each with its id: which of them a row needs stands in the row. */
export interface MasterKeys {
  readonly current: MasterKey;
  /** Current and previous ones. */
  readonly byId: ReadonlyMap<string, MasterKey>;
}

interface MasterKey {
  readonly id: string;
  readonly key: KeyObject;
}

/** The start can't go on: the message says what to do. */
export class MasterKeyError extends StartError {
  override readonly name = 'MasterKeyError';
}

/** Names a key without giving it away: the first 64 bits of a hash of it. */
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

/** Where the embedded default keeps its key, as standard base64: what a variable with that key would hold. */
export function masterKeyFile(dataDir: string): string {
  return join(dataDir, FILE);
}

/**
 * The key of the embedded default: kept in the data directory beside the database, readable by its owner alone.
 * @param hasStoredKeys whether rows exist that an earlier key encrypted: a new one would make them unreadable for good.
 * @throws MasterKeyError when the file is missing though rows need it, or holds no key.
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
  await createFile(path, (file) => file.writeFile(text), `${path}.new`); // half a key file would be a lost key
  return { key: parse(await readFile(path, 'utf8'), path), created: true, path };
}

/** @throws MasterKeyError for a file that others have put there or can read, and for anything else that is in its place. */
async function readIfThere(path: string): Promise<string | undefined> {
  let file: FileHandle | undefined;
  try {
    // What is judged is what is read: no link is followed, and nobody can put another file there in between.
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
        : `${path} can't be read (${String(code)}). Mend its permissions.`,
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
