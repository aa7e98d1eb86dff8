import { Worker } from 'node:worker_threads';
import { DataSource } from 'typeorm';
import { UserEntity } from '../src/auth/user.entity';
import { loadConfig } from '../src/config/env';
import { createDataSource } from '../src/database/data-source';
import { migrate } from '../src/database/migrate';
import { freshDatabase } from './support/database';
import { embeddedOnly } from './support/which-database';

const QUEUED = 50;

/** Whatever else waits for the process's main thread (a stream, a probe) gets it while queries are executed. */
embeddedOnly('queries of the embedded database', () => {
  let dataSource: DataSource;

  beforeAll(async () => {
    dataSource = await createDataSource(loadConfig(await freshDatabase()).database).initialize();
    await migrate(dataSource);
  });
  afterAll(() => dataSource.destroy());

  /** Turns of the event loop until all of them have answered. */
  async function turnsDuring(queries: readonly Promise<unknown>[]): Promise<number> {
    let [semaphore, isOver] = [0, false];
    const count = (): void => {
      semaphore += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    await Promise.all(queries).finally(() => (isOver = true));
    return semaphore;
  }

  it.each<[string, () => Promise<unknown>]>([
    ['without parameters', () => dataSource.query('SELECT 1')],
    ['with parameters', () => dataSource.query('SELECT $1::int', [1])],
    ['through an entity', () => dataSource.getRepository(UserEntity).findOneBy({ email: 'a@example.com' })],
    ['in transactions', () => dataSource.transaction((one) => one.query('SELECT 1'))],
    ['that fail', () => dataSource.query('SELECT 1 / 0').catch(() => undefined)],
  ])('leave the event loop a turn each: %s', async (_, ask) => {
    const semaphore = await turnsDuring(Array.from({ length: QUEUED }, ask));
    expect(semaphore).toBeGreaterThanOrEqual(QUEUED);
  });

  it('leave the event loop a turn each when the main thread finds the next answer there as soon as it has asked', async () => {
    const { postMessage } = Worker.prototype;
    const asking = jest.spyOn(Worker.prototype, 'postMessage').mockImplementation(function (
      this: Worker,
      message,
    ) {
      postMessage.call(this, message);
      const answered = performance.now() + 2;
      while (performance.now() < answered);
    });
    const turns = await turnsDuring(
      Array.from({ length: QUEUED }, () => dataSource.query('SELECT $1::int', [1])),
    );
    asking.mockRestore();
    expect(turns).toBeGreaterThanOrEqual(QUEUED);
  });

  it('leave the event loop all its turns while one of them takes long', async () => {
    const turns = await turnsDuring([
      dataSource.query('SELECT count(*) FROM generate_series(1, 500000) AS n WHERE n % 7 = 0'),
    ]);
    expect(turns).toBeGreaterThan(100); // an answer that comes within one turn leaves three
  });

  it('get their own answers and errors, in their order', async () => {
    const done: number[] = [];
    const answers = await Promise.all(
      Array.from({ length: QUEUED }, async (_, n) => {
        const answer = await dataSource
          .query('SELECT 100 / $1::int AS of', [n % 10])
          .then(([row]: [{ of: number }]) => row.of)
          .catch((error: unknown) => (error as { code: string }).code);
        done.push(n);
        return answer;
      }),
    );
    const expected = (n: number): number | string => (n === 0 ? '22012' : Math.trunc(100 / n));
    expect(answers).toEqual(answers.map((_, n) => expected(n % 10)));
    expect(done).toEqual(answers.map((_, n) => n));
  });

  it('stay out of each other’s transactions, one that is rolled back included', async () => {
    await dataSource.query('CREATE TABLE counters (value int NOT NULL)');
    await dataSource.query('INSERT INTO counters VALUES (0)');
    const add = (isKept: boolean) =>
      dataSource.transaction(async (transaction) => {
        const [{ value }] = await transaction.query<[{ value: number }]>('SELECT value FROM counters');
        await transaction.query('UPDATE counters SET value = $1', [value + 1]);
        if (!isKept) throw new Error('rolled back');
      });
    const outcomes = await Promise.allSettled(Array.from({ length: QUEUED }, (_, n) => add(n % 5 !== 0)));
    const kept = outcomes.filter(({ status }) => status === 'fulfilled').length;
    expect(kept).toBe(QUEUED * 0.8);
    expect(await dataSource.query('SELECT value FROM counters')).toEqual([{ value: kept }]);
  });

  it('are refused when the database is closed under them, and the next process finds it in order', async () => {
    const { database } = loadConfig(await freshDatabase());
    const closing = await createDataSource(database).initialize();
    const runner = closing.createQueryRunner();
    await runner.connect();
    const waiting = [1, 2, 3].map((n) => runner.query('SELECT $1::int', [n]));
    const closed = closing.destroy();
    for (const { status, reason } of (await Promise.allSettled(waiting)) as PromiseRejectedResult[])
      expect([status, reason.message]).toEqual(['rejected', 'Client was closed and is not queryable']);
    await closed;
    const next = await createDataSource(database).initialize();
    expect(await next.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await next.destroy();
  });
});
