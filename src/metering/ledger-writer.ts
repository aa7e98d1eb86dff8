import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from 'pino';
import { CallRow } from './call-row';
import { CallSpool, REJECTED, remove, SpooledCalls, spooledCalls } from './call-spool';
import { countOf, endOf, Segment, WaitingCalls } from './waiting-calls';
import { isAboutValues } from '../database/sql-state';

const RETRY_MS = 2_000;
/** How often files that other processes have left behind are looked for. */
const TAKE_OVER_MS = 60_000;
/** The size of a file from which on another one is begun, while the database takes nothing: whole files are dropped. */
const SEGMENT_BYTES = 1024 * 1024;
/** The minimum number of files that fit into the spool. */
const MIN_SEGMENTS = 8;
/** The maximum number of rows that wait in memory alone, while the database takes nothing. */
const MAX_ROWS_IN_MEMORY = 10_000;

interface LedgerWriterOptions {
  /** The spool; undefined if the data directory can't be written to, and then rows wait in memory. */
  readonly spool: CallSpool | undefined;
  readonly maxSpoolBytes: number;
  /** How long a finished call waits for others before it is written to the database, in milliseconds. */
  readonly flushMs: number;
  /** The maximum number of rows of one insert. */
  readonly maxRows: number;
  readonly insert: (rows: readonly CallRow[]) => Promise<void>;
  readonly logger: Logger;
}

/** How the ledger's writer is doing. */
export type LedgerState = Pick<
  LedgerWriter,
  'waitingCount' | 'spooledBytes' | 'oldestWaitingSince' | 'droppedCount' | 'failures'
>;

/**
 * Takes finished calls and writes them to the ledger in batches, at least once a second, one batch at a time. Until the database
 * has them they are in the spool's files. Nobody waits for it.
 */
export class LedgerWriter {
  /** The rows of the present turn of the event loop, which are not in the spool yet. */
  private turn: CallRow[] = [];
  /** The rows in the file that is being written. */
  private fresh: CallRow[] = [];
  /** Whether the file that is being written lacks rows, because it could not be written. */
  private isIncomplete = false;
  private readonly queue: WaitingCalls[] = [];
  private writing: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private takeOverTimer: NodeJS.Timeout | undefined;
  private hasFailed = false;
  private isClosed = false;
  /** Whether the server is stopping and the rest is left to the next start. */
  private isStopping = false;
  private dropped = 0;
  /** The numbers of failed writes since the start. */
  readonly failures = { database: 0, spool: 0 };

  constructor(private readonly options: LedgerWriterOptions) {}

  /** The number of calls that wait for the database. */
  get waitingCount(): number {
    return this.queue.reduce((count, one) => count + countOf(one), this.turn.length + this.fresh.length);
  }

  /** When the call that has waited longest for the database ended, in milliseconds since 1970; undefined if none waits. */
  get oldestWaitingSince(): number | undefined {
    const [first = this.turn[0]] = this.fresh;
    const ends = this.queue.map(({ since }) => since);
    if (first !== undefined) ends.push(endOf(first));
    return ends.length === 0 ? undefined : Math.min(...ends);
  }

  /** The number of calls that were lost since the start: too many waited, or they could not be recorded. */
  get droppedCount(): number {
    return this.dropped;
  }

  /** The number of bytes that wait in the spool's files. */
  get spooledBytes(): number {
    const { spool } = this.options;
    return this.queue.reduce((bytes, { segment }) => bytes + (segment?.bytes ?? 0), spool?.size ?? 0);
  }

  /** Takes in what earlier processes have left, now and from time to time. */
  async start(): Promise<void> {
    await this.takeOver();
    this.takeOverTimer = setInterval(() => void this.takeOver(), TAKE_OVER_MS).unref();
  }

  add(row: CallRow): void {
    if (this.turn.push(row) === 1) setImmediate(() => this.endTurn());
    this.schedule();
  }

  /** Tries to write all rows that wait. Never rejects. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.endTurn();
    this.writing ??= this.writeAll().finally(() => {
      this.writing = undefined;
      this.schedule();
    });
    return this.writing;
  }

  /** Writes what waits, for at most `deadlineMs`. What is left stays in the spool for the next start. */
  async close(deadlineMs: number): Promise<void> {
    clearInterval(this.takeOverTimer);
    const late = sleep(deadlineMs, undefined, { ref: false }).then(() => {
      this.isStopping = true;
    });
    do await Promise.race([this.flush(), late]);
    while (this.isWaiting && !this.hasFailed && !this.isStopping);
    this.isStopping = this.isClosed = true;
    clearTimeout(this.timer);
    if (!this.isWaiting) return;
    const { spool, logger } = this.options;
    const rows = this.waitingCount;
    if (spool === undefined)
      logger.error({ rows }, 'Calls are missing from the ledger: the database did not take them');
    else
      logger.warn(
        { rows },
        'The database did not take these calls; the next start takes them from the spool',
      );
  }

  /** Counts calls that are lost, and logs them. */
  drop(rows: number, message: string, facts: { readonly err?: unknown; readonly file?: string } = {}): void {
    this.dropped += rows;
    this.options.logger.error({ rows, ...facts }, message);
  }

  private get isWaiting(): boolean {
    return this.turn.length + this.fresh.length + this.queue.length > 0;
  }

  private async takeOver(): Promise<void> {
    try {
      this.options.spool?.touch(this.queue.flatMap(({ segment }) => segment ?? []));
      const left = (await this.options.spool?.takeOver()) ?? [];
      this.queue.push(...left);
      if (left.length > 0) this.schedule();
    } catch (error) {
      this.options.logger.warn(
        { err: error },
        'The spool could not be searched for calls of earlier processes',
      );
    }
  }

  /** Puts the rows of the present turn into the spool. */
  private endTurn(): void {
    if (this.turn.length === 0) return;
    const rows = this.turn;
    this.turn = [];
    this.fresh.push(...rows);
    try {
      this.options.spool?.append(rows);
    } catch (error) {
      this.isIncomplete = true;
      this.failures.spool += 1;
      this.options.logger.error(
        { err: error },
        'Finished calls could not be written to the spool; they wait in memory',
      );
      this.rotate(); // nothing is appended to a line that is torn
    }
    if (!this.hasFailed) return;
    const { spool, maxSpoolBytes } = this.options;
    const segmentBytes = Math.min(SEGMENT_BYTES, maxSpoolBytes / MIN_SEGMENTS);
    if (spool === undefined || spool.size >= segmentBytes) this.rotate();
    this.dropOldest();
  }

  private schedule(): void {
    if (this.isClosed || this.writing !== undefined || !this.isWaiting) return;
    this.timer ??= setTimeout(
      () => void this.flush(),
      this.hasFailed ? RETRY_MS : this.options.flushMs,
    ).unref();
  }

  private rotate(): void {
    const [first] = this.fresh;
    if (first === undefined) return;
    const segment = this.options.spool?.rotate();
    // While the database takes nothing, memory holds no more than one file's rows; the files have them all.
    const isInFile = this.hasFailed && segment !== undefined && !this.isIncomplete;
    this.queue.push({ rows: isInFile ? undefined : this.fresh, segment, since: endOf(first) });
    this.fresh = [];
    this.isIncomplete = false;
  }

  private dropOldest(): void {
    const { spool, maxSpoolBytes } = this.options;
    const inMemory = (): number => this.queue.reduce((count, { rows }) => count + (rows?.length ?? 0), 0);
    while (
      this.queue.length > 1 &&
      (inMemory() > MAX_ROWS_IN_MEMORY || (spool !== undefined && this.spooledBytes > maxSpoolBytes))
    ) {
      const isFull = inMemory() > MAX_ROWS_IN_MEMORY;
      const from = this.writing === undefined ? 0 : 1;
      const index = this.queue.findIndex(({ rows }, at) => at >= from && (!isFull || rows !== undefined));
      if (index < 0) return;
      const [oldest] = this.queue.splice(index, 1);
      if (oldest?.segment !== undefined) remove(oldest.segment);
      this.drop(
        oldest === undefined ? 0 : countOf(oldest),
        'Too many calls wait for the database: the oldest were dropped',
      );
    }
  }

  /** Writes file after file, and stops at the first failure of the database. */
  private async writeAll(): Promise<void> {
    const { maxRows } = this.options;
    for (;;) {
      if (this.queue.length === 0) this.rotate();
      const [next] = this.queue;
      if (next === undefined) return;
      const { rows, damaged } = await this.read(next);
      try {
        for (let start = 0; start < rows.length; start += maxRows) {
          if (this.isStopping) return;
          await this.insert(rows.slice(start, start + maxRows));
        }
      } catch (error) {
        this.failures.database += 1;
        if (!this.hasFailed)
          this.options.logger.error({ err: error }, 'The ledger could not be written; its calls wait');
        this.hasFailed = true;
        return;
      }
      this.hasFailed = false;
      this.queue.splice(this.queue.indexOf(next), 1);
      if (next.segment === undefined) continue;
      if (damaged.length > 0) this.rejectLines(damaged, next.segment);
      remove(next.segment);
    }
  }

  /** Reads the rows that wait, from memory or their file. A file that is gone or damaged holds up no others. */
  private async read({ rows, segment }: WaitingCalls): Promise<SpooledCalls> {
    if (rows !== undefined || segment === undefined) return { rows: rows ?? [], damaged: [] };
    try {
      return await spooledCalls(segment);
    } catch (error) {
      this.drop(segment.count, 'A file of the spool can’t be read; its calls are missing from the ledger', {
        err: error,
      });
      return { rows: [], damaged: [] };
    }
  }

  /** Counts and sets aside what is no call in a file whose other lines are in the ledger. */
  private rejectLines(lines: readonly string[], { path }: Segment): void {
    this.drop(lines.length, `Lines of the spool are no calls: they are ${this.setAside(lines)}`, {
      file: basename(path),
    });
  }

  /** @returns what has become of the lines, in words. */
  private setAside(lines: readonly string[]): string {
    try {
      if (this.options.spool?.setAside(lines) === true) return `in ${REJECTED}`;
    } catch (error) {
      this.failures.spool += 1;
      this.options.logger.error({ err: error }, `${REJECTED} of the spool could not be written`);
    }
    return 'not kept';
  }

  /** Inserts rows; one that the database refuses for its values is dropped, since it would hold up all others. */
  private async insert(rows: readonly CallRow[]): Promise<void> {
    try {
      await this.options.insert(rows);
    } catch (error) {
      if (!isAboutValues(error)) throw error;
      if (rows.length === 1) {
        const kept = this.setAside(rows.map((row) => JSON.stringify(row)));
        this.drop(1, `The database refused a call: it is ${kept}`, { err: error });
        return;
      }
      for (const row of rows) await this.insert([row]);
    }
  }
}
