import { randomBytes } from 'node:crypto';
import { cp, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';

const MASTER_KEY = randomBytes(32).toString('base64');

/**
 * The environment of a database that nobody else uses: a copy of the embedded template, or a new database on the server
 * that TEST_DATABASE_URL names.
 */
export async function freshDatabase(): Promise<NodeJS.ProcessEnv> {
  const server = process.env.TEST_DATABASE_URL;
  if (server !== undefined)
    return { DATABASE_URL: await createDatabase(server), TRACEVAULT_ENCRYPTION_KEY: MASTER_KEY };
  const dataDir = await emptyDirectory();
  await cp(join(testRoot(), 'template'), dataDir, { recursive: true, mode: 2 /* COPYFILE_FICLONE */ });
  return { TRACEVAULT_DATA_DIR: dataDir };
}

/** Removed with everything else at the end of the run. */
export async function emptyDirectory(): Promise<string> {
  return mkdtemp(join(testRoot(), 'd-'));
}

/** For tests of the embedded database itself. */
export const embeddedOnly = process.env.TEST_DATABASE_URL === undefined ? describe : describe.skip;
/** For tests that need a PostgreSQL server. */
export const postgresOnly = process.env.TEST_DATABASE_URL === undefined ? describe.skip : describe;

async function createDatabase(server: string): Promise<string> {
  const name = `tv_${randomBytes(6).toString('hex')}`;
  const client = new Client({ connectionString: server });
  await client.connect();
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

function testRoot(): string {
  const root = process.env.TEST_ROOT;
  if (root === undefined) throw new Error('test/support/global-setup.ts has not run');
  return root;
}
