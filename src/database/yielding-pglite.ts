import { PGlite } from '@electric-sql/pglite';
import { setImmediate as nextTurn } from 'node:timers/promises';

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
    const pglite = new YieldingPGlite(directory);
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
