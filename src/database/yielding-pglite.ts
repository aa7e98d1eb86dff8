import { PGlite } from '@electric-sql/pglite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';

/**
 * PostgreSQL's own defaults are for a machine of its own: they take 120 MB more in this process, whose operating system keeps the
 * database's files in memory anyway. Parameters of the start win over what stands in the directory, one of an earlier
 * version included. A checkpoint leaves at most `max_wal_size` of the write-ahead log.
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
 * PostgreSQL's 9 MB of WebAssembly are compiled by V8's baseline compiler alone, and by one thread. The optimizing one takes 500 MB for
 * a moment on Node 24; without it a query takes as long, and a statement over a quarter of a million rows half as long again.
 * Each thread that compiles keeps some ten megabytes for itself afterwards.
 */
const COMPILER_FLAGS = [
  '--liftoff-only',
  '--no-wasm-tier-up', // what --liftoff-only implies on the command line, and not here
  '--no-wasm-dynamic-tiering',
  '--wasm-num-compilation-tasks=1',
];

/** The first byte of the messages that end a query: Sync of the extended protocol, and a simple Query, which is one by itself. */
const LAST_OF_A_QUERY: readonly (number | undefined)[] = [...Buffer.from('SQ')];

/**
 * A PGlite that gives the event loop one turn before each query. It executes a message synchronously, and node-postgres
 * sends the next one from a microtask: without these turns a queue of queries is worked off in one go, and no stream, timer or
 * health check of the process moves until the queue is empty.
 */
export class YieldingPGlite extends PGlite {
  private isBetweenQueries = true;

  static async open(directory: string): Promise<YieldingPGlite> {
    COMPILER_FLAGS.forEach((flag) => setFlagsFromString(flag));
    const pglite = new YieldingPGlite(directory, { startParams: START_PARAMS });
    await pglite.waitReady;
    return pglite;
  }

  /** The only way that node-postgres takes; it waits for each message's end before it sends the next, so their order stays. */
  override async execProtocolStream(
    ...[message, options]: Parameters<PGlite['execProtocolStream']>
  ): ReturnType<PGlite['execProtocolStream']> {
    if (this.isBetweenQueries) await nextTurn();
    this.isBetweenQueries = LAST_OF_A_QUERY.includes(message[0]);
    return super.execProtocolStream(message, options);
  }
}
