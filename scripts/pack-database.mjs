/**
 * `npm run pack:database`: creates an empty embedded database, as a first start would otherwise do, and packs it into
 * dist/database as the template for first starts and tests. It uses the build in dist/src.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const dist = join(dirname(fileURLToPath(import.meta.url)), '../dist');
const require = createRequire(import.meta.url);
const { createDatabase } = require(join(dist, 'src/database/create-database.js'));
const { packTemplate, templateName } = require(join(dist, 'src/database/database-template.js'));

const folder = mkdtempSync(join(tmpdir(), 'tracevault-database-'));
try {
  await createDatabase(join(folder, 'pgdata'), undefined);
  rmSync(join(dist, 'database'), { recursive: true, force: true });
  mkdirSync(join(dist, 'database'));
  await packTemplate(join(folder, 'pgdata'), join(dist, 'database', templateName()));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
