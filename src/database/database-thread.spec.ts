import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { createPgConfig } from '@electric-sql/pglite/node-postgres';
import type { PGlite } from '@electric-sql/pglite';
import { Client } from 'pg';
import { createDatabase } from './create-database';
import { findTemplate } from './database-template';
import { DatabaseThread } from './database-thread';

describe('the thread of the embedded database', () => {
  let directory: string;
  let thread: DatabaseThread;
  let client: Client;

  beforeEach(async () => {
    directory = join(mkdtempSync(join(tmpdir(), 'thread-')), 'pgdata');
    await createDatabase(directory, findTemplate());
    thread = await DatabaseThread.open(directory);
    client = new Client(createPgConfig(thread as unknown as PGlite));
    await client.connect();
  });
  afterEach(async () => {
    if (!thread.closed) await thread.close().catch(() => undefined);
    rmSync(join(directory, '..'), { recursive: true });
  });

  it('answers a query with parameters, and goes on behind one that fails in any of its messages', async () => {
    const failing = [
      ['SELEC 1', []], // Parse
      ['SELECT $1::int', ['x']], // Bind
      ['SELECT 1 / $1::int', [0]], // Execute
    ] as const;
    for (const [text, values] of failing) {
      await expect(client.query(text, [...values])).rejects.toThrow(/syntax|invalid input|division/);
      expect((await client.query('SELECT $1::int AS n', [7])).rows).toEqual([{ n: 7 }]);
    }
  });

  it('keeps the plan of a statement that has a name, also behind a failure', async () => {
    const half = (n: number) => client.query({ name: 'half', text: 'SELECT 10 / $1::int AS n', values: [n] });
    expect((await half(2)).rows).toEqual([{ n: 5 }]);
    await expect(half(0)).rejects.toThrow('division by zero');
    expect((await half(5)).rows).toEqual([{ n: 2 }]);
    const prepared = await client.query('SELECT name FROM pg_prepared_statements');
    expect(prepared.rows).toEqual([{ name: 'half' }]);
  });

  it('takes several statements in one simple query, and rolls back a transaction that failed', async () => {
    await client.query('CREATE TABLE t (n int); INSERT INTO t VALUES (1), (2)');
    await client.query('BEGIN');
    await client.query('DELETE FROM t');
    await expect(client.query('SELECT nothing')).rejects.toThrow('does not exist');
    await expect(client.query('SELECT 1')).rejects.toThrow('current transaction is aborted');
    await client.query('ROLLBACK');
    expect((await client.query('SELECT n FROM t ORDER BY n')).rows).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it('gives large values and many rows whole', async () => {
    const text = 'ü'.repeat(3_000_000);
    expect((await client.query('SELECT $1::text AS value', [text])).rows).toEqual([{ value: text }]);
    const { rows } = await client.query<{ n: number }>('SELECT n FROM generate_series(1, 50000) AS n');
    expect(rows.map(({ n }) => n)).toEqual(Array.from({ length: 50_000 }, (_, index) => index + 1));
  });

  it('refuses what it is asked when it has ended by itself, instead of never answering', async () => {
    const waiting = expect(client.query('SELECT count(*) FROM generate_series(1, 50000000)')).rejects.toThrow(
      'The thread of the embedded database has ended',
    );
    client.once('error', () => undefined); // the connection's own
    const { thread: worker } = thread as unknown as { readonly thread: Worker };
    await worker.terminate();
    await waiting;
    await expect(thread.execProtocolStream(Buffer.from('Q'))).rejects.toThrow('has ended');
  });

  it('fails to open what is no database', async () => {
    await expect(DatabaseThread.open(join(directory, 'PG_VERSION'))).rejects.toThrow();
  });
});
