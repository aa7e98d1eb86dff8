import { PGlite } from '@electric-sql/pglite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';

/**
 * The settings for PostgreSQL's memory and write-ahead log. Its defaults are for a dedicated machine: they take 120 MB more in
 * this process, while the operating system caches the database's files anyway. Start parameters override the settings that are
 * stored in the directory, including those of an earlier version. A checkpoint keeps at most `max_wal_size` of the log.
 */
const SETTINGS = [
  'shared_buffers=8MB',
  'wal_buffers=512kB',
  'work_mem=1MB',
  'max_wal_size=64MB',
  'min_wal_size=32MB',
];
const START_PARAMS = [...PGlite.defaultStartParams, ...SETTINGS.flatMap((setting) => ['-c', setting])];

/**
 * The V8 flags that compile PostgreSQL's 9 MB of WebAssembly with the baseline compiler only, and on one thread. The optimizing
 * compiler needs 500 MB temporarily on Node 24; without it an ordinary query takes no longer, and a statement over 250,000 rows
 * takes 1.5 times as long. Each compiler thread keeps about 10 MB after it has finished.
 */
const COMPILER_FLAGS = [
  '--liftoff-only',
  '--no-wasm-tier-up', // --liftoff-only implies it on the command line, but not here
  '--no-wasm-dynamic-tiering',
  '--wasm-num-compilation-tasks=1',
];

/** The first bytes of the messages that complete a query: Sync in the extended protocol, and Query in the simple one. */
const LAST_OF_A_QUERY: readonly (number | undefined)[] = [...Buffer.from('SQ')];

/**
 * A PGlite that yields to the event loop before each query. PGlite executes a message synchronously, and node-postgres sends
 * the next one from a microtask: without yielding, a queue of queries runs in a single turn, and every stream, timer and health
 * check of the process is blocked until the queue is empty.
 */
export class YieldingPGlite extends PGlite {
  private isBetweenQueries = true;

  /** Opens the database in a directory; PGlite creates one in an empty directory. */
  static async open(directory: string): Promise<YieldingPGlite> {
    COMPILER_FLAGS.forEach((flag) => setFlagsFromString(flag));
    const pglite = new YieldingPGlite(directory, { startParams: START_PARAMS });
    await pglite.waitReady;
    return pglite;
  }

  /**
   * Executes one protocol message; node-postgres uses no other method. It awaits each message before it sends the next, so that
   * yielding here does not change their order.
   */
  override async execProtocolStream(
    ...[message, options]: Parameters<PGlite['execProtocolStream']>
  ): ReturnType<PGlite['execProtocolStream']> {
    if (this.isBetweenQueries) await nextTurn();
    this.isBetweenQueries = LAST_OF_A_QUERY.includes(message[0]);
    return super.execProtocolStream(message, options);
  }
}
