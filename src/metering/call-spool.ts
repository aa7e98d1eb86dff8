import { randomBytes } from 'node:crypto';
import { appendFileSync, closeSync, mkdirSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { utimesSync, writeSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { CallRow } from './call-row';
import { rowIn } from './spooled-row';
import { endOf, Segment, WaitingCalls } from './waiting-calls';

/** Matches the name of a spool file: the host, and the process id, of the process that writes it. */
const FILE = /^calls-(.+)-(\d+)-[0-9a-f]{12}\.jsonl$/;

/** The file with what the ledger can't take. */
export const REJECTED = 'rejected.jsonl';
const MAX_REJECTED_BYTES = 8 * 1024 * 1024;

/** How long a file must have been left alone before it counts as left behind, whatever writes it: a writer touches its files each minute. */
const LEFT_ALONE_MS = 300_000;

/**
 * Keeps finished calls in files until the database has them, so that a process that is killed loses none. A file is written
 * by one process, line by line, at mode 0600; a row is safe from the death of the process as soon as `append` returns. It
 * is not flushed to the disk: a power cut may lose the last rows.
 */
export class CallSpool {
  private descriptor: number | undefined;
  private path = '';
  private bytes = 0;
  private count = 0;
  /** The names of the files that this spool has created or taken over. */
  private readonly own = new Set<string>();

  private constructor(private readonly directory: string) {}

  /** @throws Error when the directory can't be created or written to. */
  static open(directory: string): CallSpool {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const spool = new CallSpool(directory);
    spool.create();
    spool.discard();
    return spool;
  }

  /** The number of bytes in the file that is being written. */
  get size(): number {
    return this.bytes;
  }

  append(rows: readonly CallRow[]): void {
    if (this.descriptor === undefined) this.create();
    const text = Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    this.bytes += text.length;
    this.count += rows.length;
    for (let written = 0; written < text.length;)
      written += writeSync(this.descriptor as number, text, written); // a disk that is nearly full takes a part
  }

  /** Ends the current file; the next row begins another one. Returns undefined if no row was written. */
  rotate(): Segment | undefined {
    if (this.descriptor === undefined) return undefined;
    closeSync(this.descriptor);
    this.descriptor = undefined;
    const segment = { path: this.path, bytes: this.bytes, count: this.count };
    [this.bytes, this.count] = [0, 0];
    return segment;
  }

  /** Shows other processes that these files, and the one that is being written, are not left behind. */
  touch(segments: readonly Segment[]): void {
    const now = new Date();
    const paths = segments.map(({ path }) => path);
    for (const path of this.descriptor === undefined ? paths : [...paths, this.path]) {
      try {
        utimesSync(path, now, now);
      } catch {
        // it is written or gone
      }
    }
  }

  /** Takes the files that earlier processes have left behind, renamed so that they are this process's. */
  async takeOver(): Promise<WaitingCalls[]> {
    const left: WaitingCalls[] = [];
    for (const name of await readdir(this.directory)) {
      const path = join(this.directory, name);
      if (this.own.has(name) || !(await isLeftBehind(path, name))) continue;
      const own = this.nextPath();
      try {
        renameSync(path, own);
        const text = await readFile(own);
        const lines = text.toString('latin1').split('\n');
        const segment = { path: own, bytes: text.length, count: lines.length - 1 };
        left.push({ rows: undefined, segment, since: endOfLine(lines[0] ?? '') });
      } catch {
        // another process was quicker
      }
    }
    return left;
  }

  /**
   * Sets aside lines that the ledger can't take, for somebody to look at.
   * @returns whether they are kept: the file has a maximum size.
   */
  setAside(lines: readonly string[]): boolean {
    const path = join(this.directory, REJECTED);
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (size > MAX_REJECTED_BYTES) return false;
    appendFileSync(path, lines.map((line) => `${line}\n`).join(''), { mode: 0o600 });
    return true;
  }

  /** Removes the empty file that proved that the directory can be written to. */
  private discard(): void {
    const segment = this.rotate();
    if (segment !== undefined) remove(segment);
  }

  private create(): void {
    this.path = this.nextPath();
    this.descriptor = openSync(this.path, 'ax', 0o600);
    [this.bytes, this.count] = [0, 0];
  }

  private nextPath(): string {
    const name = `calls-${hostname()}-${process.pid}-${randomBytes(6).toString('hex')}.jsonl`;
    this.own.add(name);
    return join(this.directory, name);
  }
}

/** What is in a file of the spool. */
export interface SpooledCalls {
  readonly rows: readonly CallRow[];
  /** The lines that hold no row. A last line that a killed process has not finished is none of them. */
  readonly damaged: readonly string[];
}

export async function spooledCalls({ path }: Segment): Promise<SpooledCalls> {
  const lines = (await readFile(path, 'utf8')).split('\n');
  const unfinished = lines.pop() ?? '';
  const [rows, damaged]: [CallRow[], string[]] = [[], []];
  for (const line of lines) {
    const row = rowIn(line);
    if (row !== undefined) rows.push(row);
    else if (line !== '') damaged.push(line);
  }
  const last = rowIn(unfinished);
  return { rows: last === undefined ? rows : [...rows, last], damaged };
}

/** Returns when the call in a line ended; the present for a line that is damaged. */
function endOfLine(line: string): number {
  const row = rowIn(line);
  return row === undefined ? Date.now() : endOf(row);
}

/** Removes a file whose rows are in the ledger. */
export function remove({ path }: Segment): void {
  rmSync(path, { force: true });
}

async function isLeftBehind(path: string, name: string): Promise<boolean> {
  const [, host, pid] = FILE.exec(name) ?? [];
  if (host === undefined) return false;
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Infinity }));
  if (Date.now() - mtimeMs > LEFT_ALONE_MS) return true; // also if another process has its writer's id now
  if (host !== hostname()) return false;
  // In a container every process has the same id: a file from before this one's start is of an earlier life.
  if (Number(pid) === process.pid) return mtimeMs < Date.now() - process.uptime() * 1000;
  return !isAlive(Number(pid));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
