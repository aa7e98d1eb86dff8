import { chmod, chown, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareDataDirectory } from './data-directory';

/** Runs a test only as root, since changing a file's owner requires it. */
const itAsRoot = process.getuid?.() === 0 ? it : it.skip;
const SOMEBODY = 65_534;

describe('prepareDataDirectory', () => {
  let parent: string;
  let path: string;

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'tv-'));
    path = join(parent, 'data');
  });
  afterEach(() => rm(parent, { recursive: true }));

  const refusal = async (directory = path): Promise<string> => {
    const error = await prepareDataDirectory(directory).then(
      () => undefined,
      (thrown: unknown) => thrown as Error,
    );
    expect(error?.name).toBe('DataDirectoryError');
    expect(error?.message).not.toContain('\n');
    return error?.message ?? '';
  };
  const modeOf = async (of: string): Promise<number> => (await stat(of)).mode & 0o777;

  it('makes one for its user alone, and takes it again', async () => {
    await prepareDataDirectory(path);
    expect(await modeOf(path)).toBe(0o700);
    await mkdir(join(path, 'pgdata'), { mode: 0o700 });
    await prepareDataDirectory(path);
  });

  it('closes an empty one that is open to all', async () => {
    await mkdir(path);
    await chmod(path, 0o777);
    await prepareDataDirectory(path);
    expect(await modeOf(path)).toBe(0o700);
  });

  it('refuses one in which others could have put a database or a key', async () => {
    await mkdir(join(path, 'pgdata'), { recursive: true });
    await chmod(path, 0o775);
    expect(await refusal()).toMatch(/can be changed by other users \(mode 775\).*chmod 700/);
    expect(await modeOf(path)).toBe(0o775);
  });

  it('refuses a database that others can change, however closed its directory is', async () => {
    await mkdir(path, { mode: 0o700 });
    await mkdir(join(path, 'pgdata'));
    await chmod(join(path, 'pgdata'), 0o777);
    expect(await refusal()).toMatch(/pgdata can be changed by other users \(mode 777\).*chmod 700/);
  });

  it('takes one behind a link of its own user', async () => {
    await mkdir(path, { mode: 0o700 });
    await symlink(path, join(parent, 'link'));
    await prepareDataDirectory(join(parent, 'link'));
  });

  itAsRoot('refuses one of another user, and leaves it as it is', async () => {
    await mkdir(path, { mode: 0o755 });
    await chown(path, SOMEBODY, SOMEBODY);
    expect(await refusal()).toMatch(
      /belongs to another user \(uid 65534; the server runs as uid 0\).*TRACEVAULT_DATA_DIR.*chown -R 0 /,
    );
    expect(await modeOf(path)).toBe(0o755);
  });

  itAsRoot('refuses a database of another user in one of its own', async () => {
    await mkdir(join(path, 'pgdata'), { recursive: true, mode: 0o700 });
    await chown(join(path, 'pgdata'), SOMEBODY, SOMEBODY);
    expect(await refusal()).toMatch(/pgdata belongs to another user \(uid 65534/);
  });

  itAsRoot('refuses one behind a link that another user has laid', async () => {
    await mkdir(path, { mode: 0o700 });
    const link = join(parent, 'link');
    await symlink(path, link);
    const { lchown } = await import('node:fs/promises');
    await lchown(link, SOMEBODY, SOMEBODY);
    expect(await refusal(link)).toMatch(/link belongs to another user \(uid 65534/);
  });

  itAsRoot('says what to do with a volume that is root’s and a group’s (fsGroup of Kubernetes)', async () => {
    await chmod(parent, 0o755);
    await mkdir(join(path, 'lost+found'), { recursive: true, mode: 0o700 });
    await chown(path, 0, SOMEBODY);
    await chmod(path, 0o2775);
    process.setegid!(SOMEBODY);
    process.seteuid!(SOMEBODY);
    try {
      const own = join(path, 'tracevault');
      expect(await refusal()).toContain(`TRACEVAULT_DATA_DIR=${own}`);
      await prepareDataDirectory(own);
      expect(await modeOf(own)).toBe(0o700);
    } finally {
      process.seteuid!(0);
      process.setegid!(0);
    }
  });

  it('says which error keeps it from being used', async () => {
    await writeFile(path, '');
    expect(await refusal(join(path, 'data'))).toContain('(ENOTDIR)');
  });
});
