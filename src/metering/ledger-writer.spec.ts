import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { callRow } from '../../test/support/call-rows';
import { CallRow } from './call-row';
import { CallSpool } from './call-spool';
import { LedgerWriter } from './ledger-writer';

const AT = '2026-11-28T00:00:00Z';
const row = (id: string, ms = 0): CallRow => ({
  ...callRow({ id, user_id: '00000000-0000-4000-8000-000000000001', ms }),
  at: AT,
});

describe('the writer of the ledger', () => {
  let directory: string;
  let inserted: string[];
  let log: string[];
  let failure: Error | undefined;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'spool-'));
    [inserted, log, failure] = [[], [], undefined];
  });

  function writer(
    spool: CallSpool | undefined = CallSpool.open(directory),
    maxSpoolBytes = 1e6,
  ): LedgerWriter {
    const [own, lines] = [inserted, log]; // a writer that retries later must not write into the next test's
    return new LedgerWriter({
      spool,
      maxSpoolBytes,
      flushMs: 500,
      maxRows: 200,
      insert: (rows) => {
        if (failure !== undefined) return Promise.reject(failure);
        const poison = rows.find(({ id }) => id === 'poison');
        if (poison !== undefined)
          return Promise.reject(Object.assign(new Error('value'), { driverError: { code: '22P05' } }));
        own.push(...rows.map(({ id }) => id));
        return Promise.resolve();
      },
      logger: pino({}, { write: (line: string) => lines.push(line) }),
    });
  }

  it('writes rows in order, and leaves no file behind', async () => {
    const one = writer();
    for (const id of ['a', 'b', 'c']) one.add(row(id));
    await one.flush();
    expect(inserted).toEqual(['a', 'b', 'c']);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('keeps rows in a file that only its owner can read until the database has them', async () => {
    failure = new Error('gone');
    const one = writer();
    one.add(row('a'));
    await one.flush();
    const [file] = readdirSync(directory);
    expect((await stat(join(directory, file!))).mode & 0o777).toBe(0o600);
    failure = undefined;
    await one.flush();
    expect(inserted).toEqual(['a']);
    expect(readdirSync(directory)).toEqual([]);
    expect(log.join('')).toContain('The ledger could not be written');
  });

  it('says how many calls wait, since when, in how many bytes, and how often a write has failed', async () => {
    failure = new Error('gone');
    const one = writer();
    const depth = () => [one.waitingCount, one.oldestWaitingSince, one.failures.database];
    expect([depth(), one.spooledBytes]).toEqual([[0, undefined, 0], 0]);
    one.add(row('a', 250));
    expect(depth()).toEqual([1, Date.parse(AT) + 250, 0]);
    await one.flush();
    expect(depth()).toEqual([1, Date.parse(AT) + 250, 1]);
    one.add(row('b', 100)); // ended before the first, which was read for longer
    one.add(row('c', 900));
    await one.flush();
    expect(depth()).toEqual([3, Date.parse(AT) + 100, 2]);
    const sizes = readdirSync(directory).map((file) => statSync(join(directory, file)).size);
    expect(one.spooledBytes).toBe(sizes.reduce((sum, size) => sum + size));
    failure = undefined;
    await one.flush();
    expect([depth(), one.spooledBytes, one.droppedCount]).toEqual([[0, undefined, 2], 0, 0]);
  });

  it('counts what earlier processes have left as waiting, since their first call ended', async () => {
    const lines = [JSON.stringify(row('a', 40)), JSON.stringify(row('b', 50)), ''].join('\n');
    writeFileSync(join(directory, `calls-${hostname()}-999999999-${'0'.repeat(12)}.jsonl`), lines);
    const one = writer();
    await one.start();
    expect([one.waitingCount, one.oldestWaitingSince]).toEqual([2, Date.parse(AT) + 40]);
    await one.close(1000);
    expect([one.waitingCount, inserted]).toEqual([0, ['a', 'b']]);
  });

  it('takes in what a process that was killed has left, once, and not what a living one writes', async () => {
    failure = new Error('gone');
    const killed = writer();
    killed.add(row('a'));
    await killed.flush();
    const [file] = readdirSync(directory);
    const living = file!.replace(/-\d+-/, `-${process.ppid}-`);
    writeFileSync(join(directory, living), `${JSON.stringify(row('b'))}\n`);
    const dead = `calls-${hostname()}-999999999-${'0'.repeat(12)}.jsonl`;
    writeFileSync(join(directory, dead), `${JSON.stringify(row('c'))}\n{"id":"cut of`);
    failure = undefined;
    utimesSync(join(directory, file!), 1, 1); // of an earlier process with the same id, as in a container
    const next = writer();
    await next.start();
    await next.flush();
    await next.close(1000);
    expect(inserted.sort()).toEqual(['a', 'c']);
    expect(readdirSync(directory)).toEqual([living]);
  });

  it('sets aside lines that are no calls, once and by the name of their file, and writes the others', async () => {
    const file = `calls-${hostname()}-999999999-${'0'.repeat(12)}.jsonl`;
    const damaged = ['null', '{}', '{"id":"torn', JSON.stringify({ ...row('x'), at: 5 })];
    const lines = [damaged[0], JSON.stringify(row('a')), ...damaged.slice(1), JSON.stringify(row('b')), ''];
    writeFileSync(join(directory, file), lines.join('\n'));
    failure = new Error('gone');
    const one = writer();
    await one.start();
    await one.flush();
    expect([inserted, one.droppedCount]).toEqual([[], 0]);
    failure = undefined;
    await one.flush();
    expect([inserted, one.droppedCount, readdirSync(directory)]).toEqual([['a', 'b'], 4, ['rejected.jsonl']]);
    expect(readFileSync(join(directory, 'rejected.jsonl'), 'utf8')).toBe(`${damaged.join('\n')}\n`);
    expect(statSync(join(directory, 'rejected.jsonl')).mode & 0o777).toBe(0o600);
    expect(log.filter((line) => line.includes('are no calls: they are in rejected.jsonl'))).toEqual([
      expect.stringMatching(/"rows":4,"file":"calls-[^"]+\.jsonl"/),
    ]);
    await one.start(); // what is set aside is not taken over
    await one.flush();
    expect([inserted, one.droppedCount]).toEqual([['a', 'b'], 4]);
  });

  it('keeps so much that is no call, and no more', async () => {
    writeFileSync(join(directory, 'rejected.jsonl'), 'x'.repeat(9 * 1024 * 1024));
    const file = `calls-${hostname()}-999999999-${'0'.repeat(12)}.jsonl`;
    writeFileSync(join(directory, file), 'null\n');
    const one = writer();
    await one.start();
    await one.flush();
    expect([one.droppedCount, statSync(join(directory, 'rejected.jsonl')).size]).toEqual([
      1,
      9 * 1024 * 1024,
    ]);
    expect(log.join('')).toContain('Lines of the spool are no calls: they are not kept');
  });

  it('takes in what lies still, though a process has the id of its writer, as after a restart of the machine', async () => {
    const living = `calls-${hostname()}-${process.ppid}-${'0'.repeat(12)}.jsonl`;
    writeFileSync(join(directory, living), `${JSON.stringify(row('a'))}\n`);
    const minutesAgo = (minutes: number): number => Date.now() / 1000 - minutes * 60;
    const one = writer();
    utimesSync(join(directory, living), minutesAgo(4), minutesAgo(4)); // its writer touches it each minute
    await one.start();
    await one.flush();
    expect(inserted).toEqual([]);
    utimesSync(join(directory, living), minutesAgo(6), minutesAgo(6));
    await one.start();
    await one.close(1000);
    expect(inserted).toEqual(['a']);
  });

  it('keeps its files below their maximum, also a small one', async () => {
    failure = new Error('gone');
    const one = writer(CallSpool.open(directory), 100_000);
    for (let index = 0; index < 100; index++) {
      one.add({ ...row(`${index}`), client: 'x'.repeat(5000) });
      await one.flush();
      const files = readdirSync(directory).map((name) => statSync(join(directory, name)).size);
      expect(files.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(100_000);
    }
    failure = undefined;
    await one.flush();
    expect(inserted.length).toBeGreaterThan(10);
    expect(inserted).toEqual(Array.from({ length: inserted.length }, (_, at) => `${at + one.droppedCount}`));
  });

  it('goes on when a file is gone, and says how many calls were in it', async () => {
    failure = new Error('gone');
    const one = writer(CallSpool.open(directory), 3_000_000);
    one.add(row('a'));
    await one.flush();
    one.add({ ...row('b'), client: 'x'.repeat(1_100_000) });
    await one.flush();
    one.add(row('c'));
    await one.flush();
    for (const file of readdirSync(directory)) rmSync(join(directory, file));
    failure = undefined;
    await one.flush();
    expect(inserted).toEqual(['a', 'c']);
    expect(one.droppedCount).toBe(1);
  });

  it('keeps rows in memory when the spool can’t be written, and writes them all the same', async () => {
    const one = writer();
    rmSync(directory, { recursive: true });
    one.add(row('a'));
    await one.flush();
    expect([inserted, one.droppedCount, one.failures]).toEqual([['a'], 0, { database: 0, spool: 1 }]);
    expect(log.join('')).toContain('could not be written to the spool');
  });

  it('drops a row whose values the database refuses, and no other', async () => {
    const one = writer();
    for (const id of ['a', 'poison', 'b']) one.add(row(id));
    await one.flush();
    expect([inserted, one.droppedCount]).toEqual([['a', 'b'], 1]);
    expect(log.join('')).toContain('The database refused a call: it is in rejected.jsonl');
    expect(readFileSync(join(directory, 'rejected.jsonl'), 'utf8')).toBe(
      `${JSON.stringify(row('poison'))}\n`,
    );
  });

  it('drops the oldest, and says so, when the files reach their maximum', async () => {
    failure = new Error('gone');
    const one = writer(CallSpool.open(directory), 3_000_000);
    const long = 'x'.repeat(1_100_000);
    for (const id of ['a', 'b', 'c', 'd']) {
      one.add({ ...row(id), client: long });
      await one.flush();
    }
    failure = undefined;
    await one.flush();
    expect(one.droppedCount).toBeGreaterThan(0);
    expect(inserted.length + one.droppedCount).toBe(4);
    expect(inserted.at(-1)).toBe('d');
    expect(log.join('')).toContain('the oldest were dropped');
  });

  it('keeps rows in memory where there is no spool, and says how many were lost at the end', async () => {
    failure = new Error('gone');
    const without = new LedgerWriter({
      spool: undefined,
      maxSpoolBytes: 0,
      flushMs: 500,
      maxRows: 200,
      insert: () => Promise.reject(new Error('gone')),
      logger: pino({}, { write: (line: string) => log.push(line) }),
    });
    without.add(row('a'));
    await without.close(10);
    expect(log.join('')).toContain('missing from the ledger');
  });
});
