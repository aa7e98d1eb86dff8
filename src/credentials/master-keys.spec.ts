import { createSecretKey, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyFromDataDirectory, masterKeys } from './master-keys';

describe('keyFromDataDirectory', () => {
  let dataDir: string;
  let path: string;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'tv-'));
    path = join(dataDir, 'encryption.key');
  });
  afterEach(() => rm(dataDir, { recursive: true }));

  const load = (hasStoredKeys = false) =>
    keyFromDataDirectory({ kind: 'embedded', dataDir }, () => Promise.resolve(hasStoredKeys));

  it('makes a key once, at 0600, and finds it again', async () => {
    const made = await load();
    expect(made).toMatchObject({ made: true, path });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readFile(path, 'utf8')).toMatch(/^[A-Za-z0-9+/]{43}=\n$/);
    const found = await load(true);
    expect(found).toMatchObject({ made: false, path });
    expect(found.key.equals(made.key)).toBe(true);
    await expect(stat(`${path}.new`)).rejects.toThrow('ENOENT');
  });

  it('makes another key in another directory', async () => {
    const { key } = await load();
    await rm(path);
    expect((await load()).key.equals(key)).toBe(false);
  });

  it('makes none over rows that an earlier one encrypted', async () => {
    await expect(load(true)).rejects.toThrow(
      /encryption\.key is missing.*Put the file back, or set TRACEVAULT_ENCRYPTION_KEY/,
    );
    await expect(stat(path)).rejects.toThrow('ENOENT');
  });

  it('is not put off by what a start that died halfway left', async () => {
    await writeFile(`${path}.new`, 'half a k');
    expect((await load()).made).toBe(true);
    expect((await readFile(path, 'utf8')).trim()).toHaveLength(44);
  });

  it.each([
    '',
    'no key',
    randomBytes(31).toString('base64'),
    randomBytes(33).toString('base64'),
    randomBytes(32).toString('hex'),
  ])('refuses a file that holds %j, without showing it', async (text) => {
    await writeFile(path, text);
    const error = (await load().catch((thrown: unknown) => thrown)) as Error;
    expect(error).toMatchObject({
      name: 'MasterKeyError',
      message: expect.stringContaining("doesn't hold a key"),
    });
    if (text !== '') expect(error.message).not.toContain(text);
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  it('says so when the file can’t be read', async () => {
    await symlink(path, path); // a loop
    await expect(load()).rejects.toMatchObject({
      name: 'MasterKeyError',
      message: expect.stringContaining('ELOOP'),
    });
  });
});

describe('masterKeys', () => {
  const key = () => createSecretKey(randomBytes(32));

  it('names each key by a hash of it: the same name for the same key, 64 bits of it', () => {
    const [one, other] = [key(), key()];
    const { current, byId } = masterKeys(one, [other]);
    expect(current.id).toMatch(/^[0-9a-f]{16}$/);
    expect(masterKeys(createSecretKey(one.export()), []).current.id).toBe(current.id);
    expect(masterKeys(other, []).current.id).not.toBe(current.id);
    expect([...byId.keys()].sort()).toEqual([current.id, masterKeys(other, []).current.id].sort());
    expect(byId.get(current.id)?.key).toBe(one);
  });

  it('keeps such a name what it is: rows in databases hold it', () => {
    expect(masterKeys(createSecretKey(Buffer.alloc(32, 7)), []).current.id).toBe('ec2aad014134f99d');
  });
});
