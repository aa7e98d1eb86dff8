import { PGlite } from '@electric-sql/pglite';
import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { createDataSource } from '../src/database/data-source';
import { createDatabase } from '../src/database/create-database';
import { findTemplate } from '../src/database/database-template';
import { migrate } from '../src/database/migrate';
import { emptyDirectory } from './support/database';
import { runBuilt, runServer, signUpAt, TestProcess } from './support/process';
import { embeddedOnly } from './support/which-database';

/** The number that initdb gives to each cluster; one that came from the template has the template's. */
const IDENTIFIER = 'SELECT system_identifier::text AS id FROM pg_control_system()';

jest.setTimeout(90_000);

embeddedOnly('the template of the embedded database', () => {
  const processes: TestProcess[] = [];
  afterAll(() => processes.forEach(({ child }) => child.kill('SIGKILL')));

  const start = async (dataDir: string) => {
    const started = await runServer({ TRACEVAULT_DATA_DIR: dataDir });
    processes.push(started.server);
    return started;
  };
  const stop = async (server: TestProcess): Promise<void> => {
    server.child.kill('SIGTERM');
    expect(await server.exit).toBe(0);
  };
  const inDatabase = async <Result>(
    dataDir: string,
    work: (dataSource: DataSource) => Promise<Result>,
  ): Promise<Result> => {
    const dataSource = await createDataSource({ kind: 'embedded', dataDir }).initialize();
    return work(dataSource).finally(() => dataSource.destroy());
  };
  const identifierOf = (dataDir: string): Promise<string> =>
    inDatabase(dataDir, async (dataSource) => {
      const [{ id }] = await dataSource.query<[{ id: string }]>(IDENTIFIER);
      return id;
    });

  it('is what a first start of the built server begins with', async () => {
    const [one, other] = [join(await emptyDirectory(), 'data'), join(await emptyDirectory(), 'data')];
    for (const dataDir of [one, other]) await stop((await start(dataDir)).server);
    expect(await identifierOf(one)).toBe(await identifierOf(other));
  });

  it('is not needed: without one the database is created all the same', async () => {
    const dataDir = await emptyDirectory();
    await createDatabase(join(dataDir, 'pgdata'), undefined);
    expect(await inDatabase(dataDir, migrate)).not.toEqual([]);
    const template = findTemplate();
    if (template === undefined) return;
    const other = await emptyDirectory();
    await createDatabase(join(other, 'pgdata'), template);
    expect(await identifierOf(other)).not.toBe(await identifierOf(dataDir));
  });

  it('leaves a database alone that a version before created, its write-ahead log included', async () => {
    const dataDir = await emptyDirectory();
    const pgdata = join(dataDir, 'pgdata');
    await mkdir(pgdata, { mode: 0o700 });
    const before = await PGlite.create(pgdata); // with PGlite's own settings, and not closed, as after kill -9
    await before.exec(`CREATE TABLE kept AS SELECT n FROM generate_series(1, 1000) AS n`);
    const identifier = (await before.query<{ id: string }>(IDENTIFIER)).rows[0]!.id;

    const { server, url } = await start(dataDir);
    const token = await signUpAt(url);
    expect(token).toMatch(/^tvs_/);
    await stop(server);
    expect(await identifierOf(dataDir)).toBe(identifier);
    const counts = await inDatabase(dataDir, (dataSource) =>
      dataSource.query(`SELECT (SELECT sum(n)::int FROM kept), (SELECT count(*)::int FROM users) AS users`),
    );
    expect(counts).toEqual([{ sum: 500_500, users: 1 }]);
  });

  it('leaves nothing to open when the first start is killed in the middle of unpacking it', async () => {
    const dataDir = join(await emptyDirectory(), 'data');
    const unfinished = join(dataDir, 'pgdata.new');
    const first = runBuilt('src/main.js', { TRACEVAULT_DATA_DIR: dataDir, PORT: '1' });
    while (!existsSync(join(unfinished, 'base'))) await new Promise((resolve) => setImmediate(resolve));
    first.child.kill('SIGKILL');
    expect(await first.exit).toBe('SIGKILL');
    expect(existsSync(join(dataDir, 'pgdata'))).toBe(false);
    const left = await readdir(unfinished);
    expect(left).not.toContain('postgresql.conf'); // it stands behind base/

    const { server, url } = await start(dataDir);
    await signUpAt(url);
    expect(existsSync(unfinished)).toBe(false);
    await stop(server);
  });
});
