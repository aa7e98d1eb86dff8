import { randomBytes } from 'node:crypto';
import { constants, copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Client } from 'pg';

const MASTER_KEY = randomBytes(32).toString('base64');

/**
 * Creates a database for one test: a copy of the embedded template, or a new database on the server of TEST_DATABASE_URL.
 * @returns its environment variables.
 */
export async function freshDatabase(): Promise<NodeJS.ProcessEnv> {
  const server = process.env.TEST_DATABASE_URL;
  if (server !== undefined)
    return {
      DATABASE_URL: await createDatabase(server),
      TRACEVAULT_ENCRYPTION_KEY: MASTER_KEY,
      TRACEVAULT_DATA_DIR: await emptyDirectory(), // of the spool
    };
  const dataDir = await emptyDirectory();
  copyDirectory(join(rootOf('TEST_ROOT'), 'template'), dataDir);
  return { TRACEVAULT_DATA_DIR: dataDir };
}

/** Copies a database that no process has open. @returns the copy's environment variables. */
export async function copyDatabase({
  TRACEVAULT_DATA_DIR: dataDir,
  DATABASE_URL: url,
  ...others
}: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
  const server = process.env.TEST_DATABASE_URL;
  if (server !== undefined && url !== undefined)
    return {
      ...others,
      DATABASE_URL: await createDatabase(server, new URL(url).pathname.slice(1)),
      TRACEVAULT_DATA_DIR: await emptyDirectory(),
    };
  const copy = await emptyDirectory();
  copyDirectory(String(dataDir), copy);
  return { ...others, TRACEVAULT_DATA_DIR: copy };
}

/** Creates an empty directory, which is removed at the end of the test file. */
export async function emptyDirectory(): Promise<string> {
  return mkdtemp(join(rootOf('SUITE_ROOT'), 'd-'));
}

/** Copies a directory's files into one that exists; five times as fast as `fs.cp`, which asks five questions of each file. */
function copyDirectory(from: string, to: string): void {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (!entry.isDirectory()) copyFileSync(source, target, constants.COPYFILE_FICLONE);
    else {
      mkdirSync(target);
      copyDirectory(source, target);
    }
  }
}

/** Drops the databases that this test run has created. */
export async function dropDatabases(): Promise<void> {
  const server = process.env.TEST_DATABASE_URL;
  if (server === undefined) return;
  const client = new Client({ connectionString: server });
  await client.connect();
  const { rows } = await client.query<{ datname: string }>(
    'SELECT datname FROM pg_database WHERE starts_with(datname, $1)',
    [databasePrefix()],
  );
  for (const { datname } of rows) await client.query(`DROP DATABASE IF EXISTS ${datname} WITH (FORCE)`);
  await client.end();
}

async function createDatabase(server: string, template = 'template1'): Promise<string> {
  const name = databasePrefix() + randomBytes(6).toString('hex');
  const client = new Client({ connectionString: server });
  await client.connect();
  await client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  await client.end();
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

/** Returns this test run's prefix of database names, which is unique like its temporary directory. */
function databasePrefix(): string {
  return `tv_${basename(rootOf('TEST_ROOT'))
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')}_`;
}

function rootOf(variable: 'TEST_ROOT' | 'SUITE_ROOT'): string {
  const root = process.env[variable];
  if (root === undefined) throw new Error('test/support/global-setup.ts has not run');
  return root;
}
