import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTemplate, packTemplate, templateName, unpackTemplate } from './database-template';

const FILES: Record<string, Buffer> = {
  PG_VERSION: Buffer.from('18\n'),
  empty: Buffer.alloc(0),
  'base/1/1255': Buffer.alloc(3_000_000, 'abc'),
  'base/1/1255_fsm': Buffer.from([0, 255, 10]),
  'pg_wal/000000010000000000000001': Buffer.alloc(1_500_000),
};

describe('a template of the embedded database', () => {
  let folder: string;
  let template: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tv-'));
    template = join(folder, templateName());
    for (const name of ['base/1', 'pg_wal', 'pg_twophase'])
      await mkdir(join(folder, 'source', name), { recursive: true });
    for (const [name, bytes] of Object.entries(FILES)) await writeFile(join(folder, 'source', name), bytes);
    await packTemplate(join(folder, 'source'), template);
    await mkdir(join(folder, 'copy'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('gives back every file and every empty directory', async () => {
    await unpackTemplate(template, join(folder, 'copy'));
    const listed = await readdir(join(folder, 'copy'), { recursive: true });
    expect(listed.sort()).toEqual((await readdir(join(folder, 'source'), { recursive: true })).sort());
    for (const [name, bytes] of Object.entries(FILES))
      expect((await readFile(join(folder, 'copy', name))).equals(bytes)).toBe(true);
  });

  it.each([10, 1_000])('is refused when its last %i bytes are missing', async (bytes) => {
    const { length } = await readFile(template);
    await truncate(template, length - bytes);
    await expect(unpackTemplate(template, join(folder, 'copy'))).rejects.toThrow(/unexpected end|too early/);
  });

  it('is found by the version of the installed PGlite, and not when it is another one’s', async () => {
    expect(templateName()).toMatch(/^pglite-\d+\.\d+\.\d+\.template\.gz$/);
    expect(findTemplate(['/nowhere', folder])).toBe(template);
    await rm(template);
    await writeFile(join(folder, 'pglite-0.0.1.template.gz'), '');
    expect(findTemplate(['/nowhere', folder])).toBeUndefined();
  });
});
