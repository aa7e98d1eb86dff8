import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import {
  DataSource,
  DataSourceOptions,
  Entity,
  MigrationInterface,
  PrimaryColumn,
  QueryRunner,
} from 'typeorm';
import { EmbeddedDataSource } from '../src/database/embedded-data-source';
import { migrate } from '../src/database/migrate';
import { schema } from '../src/database/schema';
import { ExportService } from '../src/transfer/export.service';
import { ImportService } from '../src/transfer/import.service';
import { emptyDirectory, freshDatabase } from './support/database';

jest.setTimeout(180_000);

/** As a later step of the schema may bring it. What columns it has is the database's to say. */
@Entity('later_things')
class LaterThing {
  @PrimaryColumn('bigint')
  id!: string;
}

class CreateLaterThings1999000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE "later_things" (
        "id" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        "number" serial,
        "previous" bigint REFERENCES "later_things" ("id"),
        "a b""c" text[],
        "flag" boolean,
        "day" date,
        "span" interval,
        "amount" numeric(30, 10),
        "ratio" double precision,
        "address" inet,
        "detail" jsonb,
        "twice" double precision GENERATED ALWAYS AS ("ratio" * 2) STORED
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE "later_things"`);
  }
}

/** Each thing points at the next one, over the edges of batches, and the last at the first: a circle. */
const FILL = `
  WITH filled AS (
    INSERT INTO later_things ("a b""c", flag, day, span, amount, ratio, address, detail)
    SELECT ARRAY['x', NULL, '"', ',{}'], n % 3 = 0, date '2026-02-28' + n, n * interval '1 month 1 day 1.000001 s',
           n / 7.0, n / 7.0, ('10.0.0.0'::inet + n), jsonb_build_object('n', 12345678901234567890.5 + n, 's', E'\\u2028')
      FROM generate_series(1, 1201) n RETURNING id)
  SELECT count(*) FROM filled`;
const JOIN = `UPDATE later_things SET previous = id % 1201 + 1`;

async function open(options: Partial<DataSourceOptions>, env: NodeJS.ProcessEnv): Promise<DataSource> {
  const later = {
    ...options,
    entities: [...schema.entities, LaterThing],
    migrations: [...schema.migrations, CreateLaterThings1999000000000],
    migrationsTableName: 'migrations',
  };
  const dataSource =
    env.DATABASE_URL === undefined
      ? new EmbeddedDataSource(env.TRACEVAULT_DATA_DIR!, later)
      : new DataSource({ ...later, type: 'postgres', url: env.DATABASE_URL } as DataSourceOptions);
  await dataSource.initialize();
  await migrate(dataSource);
  return dataSource;
}

function collector(): { out: Writable; bytes: () => Buffer } {
  const chunks: Buffer[] = [];
  const out = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(chunk);
      setImmediate(done); // as slow as a disk
    },
  });
  return { out, bytes: () => Buffer.concat(chunks) };
}

describe('a table that the schema gets later', () => {
  let from: DataSource;
  let to: DataSource;

  beforeAll(async () => {
    from = await open({}, { TRACEVAULT_DATA_DIR: join(await emptyDirectory(), 'data') });
    to = await open({}, await freshDatabase());
  });
  afterAll(async () => {
    await from?.destroy();
    await to?.destroy();
  });

  const rowsOf = async (dataSource: DataSource): Promise<string[]> => {
    const rows = await dataSource.query('SELECT t::text AS row FROM later_things t ORDER BY id');
    return rows.map(({ row }: { row: string }) => row);
  };
  const constraintsOf = (dataSource: DataSource): Promise<unknown> =>
    dataSource.query(
      `SELECT conname, condeferrable, condeferred FROM pg_constraint WHERE contype = 'f' ORDER BY conname`,
    );

  it('is moved with the others: its types, its numbers, and rows that point at one another', async () => {
    await from.query(FILL);
    await from.query(JOIN);
    await from.query(`SELECT setval('later_things_number_seq', 5000)`);
    const { out, bytes } = collector();
    const { rows } = await new ExportService(from).exportTo(out, '0.0.0');
    expect(rows.get('later_things')).toBe(1201);

    const before = await constraintsOf(to);
    const options = { dryRun: false, check: () => Promise.resolve() };
    await new ImportService(to).importFrom(Readable.from([bytes()]), options);
    expect(await rowsOf(to)).toEqual(await rowsOf(from));
    expect(await constraintsOf(to)).toEqual(before);
    for (const dataSource of [from, to]) {
      const [added] = await dataSource.query(
        'INSERT INTO later_things (flag) VALUES (true) RETURNING id::int, number',
      );
      expect(added).toEqual({ id: 1202, number: 5001 });
    }
  });

  it('keeps the numbers where they were when an import is undone', async () => {
    await to.query('TRUNCATE later_things RESTART IDENTITY');
    const { out, bytes } = collector();
    await new ExportService(from).exportTo(out, '0.0.0');
    const no = () => Promise.reject(new Error('no'));
    const importing = new ImportService(to).importFrom(Readable.from([bytes()]), {
      dryRun: false,
      check: no,
    });
    await expect(importing).rejects.toThrow('no');
    const dryRun = { dryRun: true, check: () => Promise.resolve() };
    await new ImportService(to).importFrom(Readable.from([bytes()]), dryRun);
    const [added] = await to.query('INSERT INTO later_things (flag) VALUES (true) RETURNING id::int, number');
    expect(added).toEqual({ id: 1, number: 1 });
  });

  it('is not left half read when the one who takes it gives up', async () => {
    const full = new Writable({
      highWaterMark: 1,
      write: (_chunk, _encoding, done) => {
        done(Object.assign(new Error('no space left'), { code: 'ENOSPC' }));
      },
    });
    await expect(new ExportService(from).exportTo(full, '0.0.0')).rejects.toThrow('no space left');
    const { out, bytes } = collector();
    await new ExportService(from).exportTo(out, '0.0.0'); // the one connection of the embedded database is free again
    expect(bytes().length).toBeGreaterThan(100_000);
  });
});
