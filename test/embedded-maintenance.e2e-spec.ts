import { statSync } from 'node:fs';
import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { EmbeddedMaintenanceService } from '../src/database/embedded-maintenance.service';
import { TestApp } from './support/app';
import { freshDatabase } from './support/database';
import { embeddedOnly } from './support/which-database';

const MB = 1024 * 1024;
const ROWS = 60_000;
const INSERT = `INSERT INTO many (text) SELECT 'row ' || n || repeat('x', 1000) FROM generate_series(1, ${ROWS}) AS n`;

jest.setTimeout(120_000);

/** PGlite has no background processes, so nothing of this happens by itself. */
embeddedOnly('the upkeep of the embedded database', () => {
  let app: TestApp;
  let pgdata: string;
  let dataSource: DataSource;
  let maintenance: EmbeddedMaintenanceService;

  beforeEach(async () => {
    const env = await freshDatabase();
    pgdata = join(env.TRACEVAULT_DATA_DIR!, 'pgdata');
    app = await TestApp.start({ env });
    dataSource = app.dataSource;
    maintenance = app.app.get(EmbeddedMaintenanceService);
    await dataSource.query('CREATE TABLE many (id int PRIMARY KEY GENERATED ALWAYS AS IDENTITY, text text)');
  });
  afterEach(() => app.close());

  async function sizeOf(folder: string): Promise<number> {
    const entries = await readdir(join(pgdata, folder), { withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    return files.reduce((total, { name }) => total + sizeOfFile(join(pgdata, folder, name)), 0);
  }

  it('keeps the write-ahead log within 80 MB while more than 200 MB are written, by itself', async () => {
    const [{ before }] = await dataSource.query('SELECT pg_current_wal_insert_lsn() AS before');
    for (let inserts = 0; inserts < 4; inserts++) await dataSource.query(INSERT);
    const [{ written }] = await dataSource.query(
      'SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), $1)::int AS written',
      [before],
    );
    expect(written).toBeGreaterThan(200 * MB);
    while ((await sizeOf('pg_wal')) > 80 * MB) await sleep(50);
    const [{ rows }] = await dataSource.query('SELECT count(*)::int AS rows FROM many');
    expect(rows).toBe(4 * ROWS);
  });

  it('makes the room of deleted rows free again', async () => {
    const size = async (): Promise<number> => {
      const [{ bytes }] = await dataSource.query(`SELECT pg_relation_size('many')::int AS bytes`);
      return bytes;
    };
    await dataSource.query(INSERT);
    const full = await size();
    await dataSource.query('DELETE FROM many');
    await maintenance.vacuum();
    await dataSource.query(INSERT);
    expect(await size()).toBeLessThan(full * 1.05);
  });

  it('takes every table once, and no further one while the server stops', async () => {
    const vacuumed = async (): Promise<number> => {
      const [{ count }] = await dataSource.query(
        'SELECT sum(vacuum_count)::int AS count FROM pg_stat_all_tables',
      );
      return count;
    };
    await maintenance.vacuum();
    const all = await vacuumed();
    expect(all).toBeGreaterThan(50);
    const second = maintenance.vacuum();
    await maintenance.onModuleDestroy();
    await second;
    expect(await vacuumed()).toBe(all);
  });

  it('that fails is logged, and the server goes on', async () => {
    await rename(join(pgdata, 'pg_wal'), join(pgdata, 'pg_wal_away'));
    await maintenance.maintain();
    await rename(join(pgdata, 'pg_wal_away'), join(pgdata, 'pg_wal'));
    expect(app.log).toMatch(/"level":"warn".*ENOENT.*upkeep of the embedded database failed/);
    expect((await app.signUp()).token).toMatch(/^tvs_/);
  });
});

/** Returns 0 for a file that the database has removed in the meantime. */
function sizeOfFile(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
