import { mkdir, rename, rm } from 'node:fs/promises';
import { unpackTemplate } from './database-template';
import { DatabaseThread } from './database-thread';

/**
 * Creates an empty database, from the template if the build left a matching one, otherwise with PGlite's initdb, which takes
 * seconds and 850 MB of memory. The database is created in a directory next to its final one and renamed when complete, so
 * that a first start that is killed halfway leaves no broken database behind; the next start begins again.
 * @param template the path of the template, if there is one.
 */
export async function createDatabase(directory: string, template: string | undefined): Promise<void> {
  const unfinished = `${directory}.new`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 }); // PGlite would create it as 0755, with files as 0666
  if (template === undefined) await (await DatabaseThread.open(unfinished)).close();
  else await unpackTemplate(template, unfinished);
  await rename(unfinished, directory);
}
