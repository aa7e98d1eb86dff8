import { mkdir, rename, rm } from 'node:fs/promises';
import { unpackTemplate } from './database-template';
import { YieldingPGlite } from './yielding-pglite';

/**
 * Creates an empty database: from the template where the build has left one that fits, else by PGlite's own initdb, which
 * takes seconds and 850 MB. It comes into being beside its place and is moved there when it is whole, so that a first start that is
 * killed in the middle leaves nothing to open; the next one begins again.
 */
export async function createDatabase(directory: string, template: string | undefined): Promise<void> {
  const unfinished = `${directory}.new`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 }); // PGlite would make it 0755, with files 0666
  if (template === undefined) await (await YieldingPGlite.open(unfinished)).close();
  else await unpackTemplate(template, unfinished);
  await rename(unfinished, directory);
}
