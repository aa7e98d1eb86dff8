import { EventEmitter, once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFile, FileExistsError, replaceFile } from './whole-file';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tracevault-files-'));
  path = join(folder, 'kept');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const modeOf = async (): Promise<number> => (await stat(path)).mode & 0o777;

describe('replaceFile', () => {
  it('writes a file that its owner alone can read, and leaves nothing beside it', async () => {
    await replaceFile(path, 'one');
    expect(await readFile(path, 'utf8')).toBe('one');
    expect(await modeOf()).toBe(0o600);
    expect(await readdir(folder)).toEqual(['kept']);
  });

  it('replaces another one, and its mode', async () => {
    await writeFile(path, 'before');
    await chmod(path, 0o644);
    await replaceFile(path, 'after');
    expect([await readFile(path, 'utf8'), await modeOf()]).toEqual(['after', 0o600]);
  });

  it('is read whole at any moment, though many write at once', async () => {
    const contents = Array.from({ length: 20 }, (_, index) => `${index}`.repeat(50_000));
    await replaceFile(path, contents[0]!);
    const writing = Promise.all(contents.map((content) => replaceFile(path, content)));
    const read = await Promise.all(contents.map(() => readFile(path, 'utf8')));
    await writing;
    for (const content of [...read, await readFile(path, 'utf8')])
      expect(contents.includes(content)).toBe(true);
    expect(await readdir(folder)).toEqual(['kept']);
  });

  it('leaves all as it was when it fails', async () => {
    await mkdir(join(path, 'not empty'), { recursive: true });
    await expect(replaceFile(path, 'x')).rejects.toThrow();
    expect(await readdir(folder)).toEqual(['kept']);
  });
});

describe('createFile', () => {
  it('writes a file that its owner alone can read, and returns what the writer returned', async () => {
    const write = async (file: { writeFile(text: string): Promise<void> }): Promise<number> => {
      await file.writeFile('new');
      expect(await readdir(folder)).toEqual(['kept.unfinished']);
      return 3;
    };
    expect(await createFile(path, write)).toBe(3);
    expect([await readFile(path, 'utf8'), await modeOf()]).toEqual(['new', 0o600]);
    expect(await readdir(folder)).toEqual(['kept']);
  });

  it('refuses to write where there is a file, before it asks for a byte', async () => {
    await writeFile(path, 'mine');
    let asked = false;
    const write = (): Promise<void> => {
      asked = true;
      return Promise.resolve();
    };
    await expect(createFile(path, write)).rejects.toThrow(FileExistsError);
    expect([asked, await readFile(path, 'utf8')]).toEqual([false, 'mine']);
  });

  it('refuses as well when a file has come there meanwhile', async () => {
    const write = (): Promise<void> => writeFile(path, 'mine');
    await expect(createFile(path, write)).rejects.toThrow(FileExistsError);
    expect(await readFile(path, 'utf8')).toBe('mine');
    expect(await readdir(folder)).toEqual(['kept']);
  });

  it('leaves nothing behind when the writer fails', async () => {
    const failing = createFile(path, async (file) => {
      await file.writeFile('half');
      throw new Error('The database is gone');
    });
    await expect(failing).rejects.toThrow('The database is gone');
    expect(await readdir(folder)).toEqual([]);
  });

  it('begins again over what a killed run has left', async () => {
    await writeFile(`${path}.unfinished`, 'half, and long');
    await createFile(path, (file) => file.writeFile('whole'));
    expect(await readFile(path, 'utf8')).toBe('whole');
    expect(await readdir(folder)).toEqual(['kept']);
  });

  it('never takes for its own what another run has begun to write meanwhile', async () => {
    const writer = new EventEmitter();
    let second: Promise<void> | undefined;
    const first = createFile(path, async (file) => {
      await file.writeFile('first');
      const halfway = once(writer, 'halfway');
      second = createFile(path, async (other) => {
        await other.writeFile('half');
        const goOn = once(writer, 'go on');
        writer.emit('halfway');
        await goOn;
        await other.writeFile(' and whole');
      });
      await halfway;
    });
    await expect(first).rejects.toThrow(FileExistsError);
    expect(await readdir(folder)).toEqual(['kept.unfinished']);
    writer.emit('go on');
    await second;
    expect(await readFile(path, 'utf8')).toBe('half and whole');
    expect(await readdir(folder)).toEqual(['kept']);
  });
});
