import { createSecretKey, randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyFromDataDirectory, masterKeys } from './master-keys';

/** Only root can change the owner of a file. */
const itAsRoot = process.getuid?.() === 0 ? it : it.skip;

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

  it('creates a key once, at 0600, and finds it again', async () => {
    const created = await load();
    expect(created).toMatchObject({ created: true, path });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readFile(path, 'utf8')).toMatch(/^[A-Za-z0-9+/]{43}=\n$/);
    const found = await load(true);
    expect(found).toMatchObject({ created: false, path });
    expect(found.key.equals(created.key)).toBe(true);
    await expect(stat(`${path}.new`)).rejects.toThrow('ENOENT');
  });

  it('creates another key in another directory', async () => {
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
    expect((await load()).created).toBe(true);
    expect((await readFile(path, 'utf8')).trim()).toHaveLength(44);
  });

  it.each([
    '',
    'no key',
    randomBytes(31).toString('base64'),
    randomBytes(33).toString('base64'),
    randomBytes(32).toString('hex'),
  ])('refuses a file that holds %j, without showing it', async (text) => {
    await writeFile(path, text, { mode: 0o600 });
    const error = (await load().catch((thrown: unknown) => thrown)) as Error;
    expect(error).toMatchObject({
      name: 'MasterKeyError',
      message: expect.stringContaining("doesn't hold a key"),
    });
    if (text !== '') expect(error.message).not.toContain(text);
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  it('refuses a link in its place, also one that leads nowhere', async () => {
    const elsewhere = join(dataDir, 'elsewhere.key');
    await symlink(elsewhere, path);
    const refused = { name: 'MasterKeyError', message: expect.stringContaining('is a symbolic link') };
    await expect(load()).rejects.toMatchObject(refused);
    await writeFile(elsewhere, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
    await expect(load()).rejects.toMatchObject(refused);
  });

  it('refuses what is no file', async () => {
    await mkdir(path, { mode: 0o700 });
    await expect(load()).rejects.toThrow(/is not a file/);
  });

  it.each([0o644, 0o640, 0o602, 0o666])(
    'refuses a file of mode %o, and says how to close it',
    async (mode) => {
      await load();
      await chmod(path, mode);
      await expect(load()).rejects.toThrow(`chmod 600 '${path}'`);
    },
  );

  itAsRoot('refuses a file that another user has put there', async () => {
    const { key } = await load();
    await chown(path, 65_534, 65_534);
    const error = (await load().catch((thrown: unknown) => thrown)) as Error;
    expect(error.message).toMatch(
      /belongs to another user \(uid 65534; the server runs as uid 0\).*chown 0 /,
    );
    expect(error.message).not.toContain(key.export().toString('base64'));
  });

  itAsRoot('says so when the file can’t be read', async () => {
    await load();
    await chmod(dataDir, 0o700);
    process.seteuid!(65_534);
    try {
      await expect(load()).rejects.toThrow(/can't be read \(EACCES\)/);
    } finally {
      process.seteuid!(0);
    }
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
