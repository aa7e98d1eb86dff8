import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDataSource } from '../../src/database/data-source';
import { migrate } from '../../src/database/migrate';

/** Creates an embedded database with the schema as a template; a copy per suite is four times as fast as a migration. */
export default async function globalSetup(): Promise<void> {
  process.env.TEST_ROOT = await mkdtemp(join(tmpdir(), 'tv-'));
  if (process.env.TEST_DATABASE_URL !== undefined) return;
  const dataSource = await createDataSource({
    kind: 'embedded',
    dataDir: join(process.env.TEST_ROOT, 'template'),
  }).initialize();
  await migrate(dataSource);
  await dataSource.destroy();
}
