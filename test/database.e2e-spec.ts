import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { UserEntity } from '../src/auth/user.entity';
import { loadConfig } from '../src/config/env';
import { createDataSource } from '../src/database/data-source';
import { DirectoryLock } from '../src/database/directory-lock';
import { migrate } from '../src/database/migrate';
import { schema } from '../src/database/schema';
import { emptyDirectory, freshDatabase } from './support/database';
import { embeddedOnly } from './support/which-database';
import { runBuilt, runServer, signUpAt, TestProcess } from './support/process';

async function open(): Promise<DataSource> {
  return createDataSource(loadConfig(await freshDatabase()).database).initialize();
}

async function undoAll(dataSource: DataSource): Promise<void> {
  for (let step = 0; step < schema.migrations.length; step++)
    await dataSource.undoLastMigration({ transaction: 'all' });
}

describe('the schema', () => {
  let dataSource: DataSource;

  beforeAll(async () => {
    dataSource = await open();
    await migrate(dataSource);
  });
  afterAll(() => dataSource.destroy());

  it('is the same in the migrations and in the entities', async () => {
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });

  it('holds every step: applying again applies nothing', async () => {
    expect(await migrate(dataSource)).toEqual([]);
  });

  it('can be taken back step by step, and applied again', async () => {
    await undoAll(dataSource);
    const tables = await dataSource.query(`SELECT tablename FROM pg_tables WHERE schemaname = 'public'`);
    expect(tables.map(({ tablename }: { tablename: string }) => tablename)).not.toContain('users');
    expect(await migrate(dataSource)).toEqual(schema.migrations.map(({ name }) => name));
  });

  it('makes no half of itself when a step fails', async () => {
    await undoAll(dataSource);
    await dataSource.query('CREATE TABLE "auth_sessions" (in_the_way int)');
    await expect(migrate(dataSource)).rejects.toThrow('auth_sessions');
    const [{ count }] = await dataSource.query(
      `SELECT count(*)::int FROM pg_tables WHERE tablename = 'users'`,
    );
    expect(count).toBe(0);
    await dataSource.query('DROP TABLE "auth_sessions"');
    await migrate(dataSource);
  });
});

embeddedOnly('the embedded database', () => {
  const processes: TestProcess[] = [];
  afterAll(() => processes.forEach(({ child }) => child.kill('SIGKILL')));

  const start = async (dataDir: string) => {
    const started = await runServer({ TRACEVAULT_DATA_DIR: dataDir });
    processes.push(started.server);
    return started;
  };
  const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);

  it('begins in a directory that only its owner can read, with a master key at 0600', async () => {
    const dataDir = join(await emptyDirectory(), 'deep', 'data');
    const { server } = await start(dataDir);
    expect(await modeOf(dataDir)).toBe('700');
    expect(await modeOf(join(dataDir, 'pgdata'))).toBe('700');
    expect(await modeOf(join(dataDir, 'encryption.key'))).toBe('600');
    expect(server.output.match(/Created a master key/g)).toHaveLength(1);
  });

  it('starts after a first start that was killed while it made the database', async () => {
    const dataDir = join(await emptyDirectory(), 'data');
    const first = runBuilt('src/main.js', { TRACEVAULT_DATA_DIR: dataDir, PORT: '1' });
    const unfinished = join(dataDir, 'pgdata.new');
    while (!existsSync(unfinished) || (await readdir(unfinished)).length === 0) await sleep(1);
    first.child.kill('SIGKILL');
    expect(await first.exit).toBe('SIGKILL');
    expect(existsSync(join(dataDir, 'pgdata'))).toBe(false);
    await start(dataDir);
    expect((await readdir(dataDir)).filter((name) => !name.startsWith('lock-'))).toEqual([
      'encryption.key',
      'pgdata',
      'spool',
    ]);
  }, 60_000);

  it('is refused to a second process, the migration command included, with a line that names the first', async () => {
    const { TRACEVAULT_DATA_DIR: dataDir } = await freshDatabase();
    const { server, url } = await start(dataDir!);
    const second = runBuilt('src/main.js', { TRACEVAULT_DATA_DIR: dataDir, PORT: '1' });
    expect(await second.exit).toBe(1);
    expect(second.errors).toMatch(new RegExp(`in use by process ${server.child.pid} on `));
    expect(second.errors.trim().split('\n')).toHaveLength(2);
    const command = spawn(
      process.execPath,
      ['node_modules/typeorm/cli.js', 'migration:run', '-d', 'dist/ormconfig.js'],
      {
        env: { PATH: process.env.PATH, TRACEVAULT_DATA_DIR: dataDir },
      },
    );
    const migration = new TestProcess(command);
    expect(await migration.exit).toBe(1);
    expect(migration.output + migration.errors).toContain(`in use by process ${server.child.pid}`);
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  });

  it('is locked for one at a time, however many try', async () => {
    const directory = await emptyDirectory();
    let holders = 0;
    let held = 0;
    const contend = async (): Promise<void> => {
      for (let round = 0; round < 15; round++) {
        const lock = await DirectoryLock.acquire(directory).catch(() => undefined);
        if (lock === undefined) continue;
        held++;
        expect(++holders).toBe(1);
        await new Promise((resolve) => setImmediate(resolve));
        holders--;
        await lock.release();
      }
    };
    await Promise.all(Array.from({ length: 4 }, contend));
    expect(held).toBeGreaterThan(0);
    expect(await readdir(directory)).toEqual([]);
  });

  it('is given to one of many that start at the same moment', async () => {
    const { TRACEVAULT_DATA_DIR: dataDir } = await freshDatabase();
    const busy = createServer();
    await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve));
    const port = String((busy.address() as AddressInfo).port); // who gets the directory fails here, and leaves
    const env = { TRACEVAULT_DATA_DIR: dataDir, PORT: port };
    const outcomes = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const contender = runBuilt('src/main.js', env);
        processes.push(contender);
        await contender.exit;
        return contender.errors;
      }),
    );
    busy.close();
    for (const errors of outcomes) expect(errors).toMatch(/in use by process|Port \d+ is in use/);
    expect(outcomes.filter((errors) => errors.includes('Port')).length).toBeGreaterThan(0);
    const dataSource = await createDataSource(
      loadConfig({ TRACEVAULT_DATA_DIR: dataDir }).database,
    ).initialize();
    await dataSource.query('SELECT 1');
    await dataSource.destroy();
  });

  it('loses no acknowledged row to kill -9 in the middle of writes, and opens again at once', async () => {
    const { TRACEVAULT_DATA_DIR: dataDir } = await freshDatabase();
    const { server, url } = await start(dataDir!);
    const acknowledged: string[] = [];
    const writer = async (lane: number): Promise<void> => {
      for (let n = 0; ; n++) {
        const email = `w${lane}-${n}@example.com`;
        const body = JSON.stringify({ email, password: 'a long enough one', org_name: `w${lane}-${n}` });
        const registered = await fetch(`${url}/api/v1/auth/register`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
        }).catch(() => undefined);
        if (registered?.status === 201) acknowledged.push(email);
        else return;
      }
    };
    const writers = [1, 2, 3].map(writer);
    while (acknowledged.length < 20) await new Promise((resolve) => setTimeout(resolve, 10));
    server.child.kill('SIGKILL');
    await Promise.all(writers);
    expect(await server.exit).toBe('SIGKILL');

    const dataSource = await createDataSource(
      loadConfig({ TRACEVAULT_DATA_DIR: dataDir }).database,
    ).initialize();
    const kept = (await dataSource.getRepository(UserEntity).find()).map(({ email }) => email);
    await dataSource.destroy();
    expect(acknowledged.filter((email) => !kept.includes(email))).toEqual([]);
    expect((await readdir(dataDir!)).filter((name) => name.startsWith('lock-'))).toEqual([]);
  });

  it('refuses a directory that holds other things and is open to others, and changes nothing there', async () => {
    const dataDir = await emptyDirectory();
    await writeFile(join(dataDir, 'letters.txt'), 'x');
    await chmod(dataDir, 0o755);
    const server = runBuilt('src/main.js', { TRACEVAULT_DATA_DIR: dataDir });
    expect(await server.exit).toBe(1);
    expect(server.errors).toContain(`chmod 700 '${dataDir}'`);
    expect(await modeOf(dataDir)).toBe('755');
    expect(await readdir(dataDir)).toEqual(['letters.txt']);
  });

  it('tightens a directory of its own that was opened up', async () => {
    const { TRACEVAULT_DATA_DIR: dataDir } = await freshDatabase();
    await chmod(dataDir!, 0o755);
    await start(dataDir!);
    expect(await modeOf(dataDir!)).toBe('700');
  });

  it('says so when the data directory can’t be made', async () => {
    const parent = await emptyDirectory();
    await writeFile(join(parent, 'file'), '');
    const server = runBuilt('src/main.js', { TRACEVAULT_DATA_DIR: join(parent, 'file', 'data') });
    expect(await server.exit).toBe(1);
    expect(server.errors).toMatch(/can't be used \(ENOTDIR\).*TRACEVAULT_DATA_DIR/);
  });

  it('does not create a new master key when rows need the old one', async () => {
    const { TRACEVAULT_DATA_DIR: dataDir } = await freshDatabase();
    const { server, url } = await start(dataDir!);
    await signUpAt(url);
    server.child.kill('SIGTERM');
    await server.exit;
    await rm(join(dataDir!, 'encryption.key'));
    const again = runBuilt('src/main.js', { TRACEVAULT_DATA_DIR: dataDir });
    expect(await again.exit).toBe(1);
    expect(again.errors).toMatch(/encryption\.key is missing.*TRACEVAULT_ENCRYPTION_KEY/);
    await expect(stat(join(dataDir!, 'encryption.key'))).rejects.toThrow('ENOENT');
  });

  it('is not opened by a path that is too long for its lock', async () => {
    const dataDir = join(await emptyDirectory(), 'x'.repeat(100));
    await mkdir(dataDir);
    const server = runBuilt('src/main.js', { TRACEVAULT_DATA_DIR: dataDir });
    expect(await server.exit).toBe(1);
    expect(server.errors).toContain('too long for its lock');
  });
});
