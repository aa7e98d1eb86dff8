import { FORMAT, Head, TransferError, Row, TableHead, Tally, VERSION } from './export-file';

/** The maximum length of a line in bytes, far above any row: a file with a longer line is not an export. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;
const NEWLINE = 0x0a;

/** A parsed line of an export, in the order of the file. */
export type Piece = { readonly head: Head } | { readonly table: TableHead } | { readonly row: Row };

/**
 * Parses an export as a stream and verifies it against its own checksum and row counts. The data is verified only when the
 * reader has reached the end without an error: nothing that was read before may be committed until then.
 */
export class ExportReader {
  private readonly tally = new Tally();

  constructor(private readonly source: AsyncIterable<Buffer | string>) {}

  /** The number of rows read so far, by table. */
  get rows(): ReadonlyMap<string, number> {
    return this.tally.rows;
  }

  /**
   * Yields the pieces of the file in its order.
   * @throws TransferError for a file that is not an export, has another version, is truncated or has been changed.
   */
  async *pieces(): AsyncGenerator<Piece> {
    let number = 0;
    let width = -1;
    let ended = false;
    for await (const bytes of lines(this.source)) {
      number++;
      if (ended) throw new TransferError(`${CHANGED} There is more after its end.`);
      const line = parsed(bytes, number);
      if (isEnd(line)) {
        if (bytes.toString() !== this.tally.end())
          throw new TransferError(`${CHANGED} Its checksum does not match.`);
        ended = true;
        continue;
      }
      this.tally.add(bytes);
      if (number === 1) yield { head: headOf(line) };
      else if (isTable(line)) {
        this.tally.beginTable(line.table);
        width = Object.keys(line.columns).length;
        yield { table: line };
      } else if (isRow(line) && line.length === width) {
        this.tally.countRows(1);
        yield { row: line };
      } else throw new TransferError(`${CHANGED} Line ${number} can't be read.`);
    }
    if (!ended) {
      throw new TransferError(
        number === 0
          ? 'The file is empty.'
          : 'The file ends too early: it is not whole. Copy it once more, or export again.',
      );
    }
  }
}

const CHANGED = 'The file has been changed since it was written. Copy it once more, or export again.';
const NO_EXPORT = 'The file is not an export of TraceVault. Make one with: tracevault-server export <file>';

/**
 * Splits the bytes into lines, each with its newline. Node's readline would also split at U+2028, which a value may contain.
 * An incomplete last line (one without a newline) is discarded.
 */
async function* lines(source: AsyncIterable<Buffer | string>): AsyncGenerator<Buffer> {
  let rest: Buffer[] = [];
  let length = 0;
  let any = false;
  for await (const read of source) {
    let chunk = Buffer.from(read);
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE)) {
      yield Buffer.concat([...rest, chunk.subarray(0, at + 1)]);
      any = true;
      [rest, length, chunk] = [[], 0, chunk.subarray(at + 1)];
    }
    rest.push(chunk);
    length += chunk.length;
    if (length > MAX_LINE_BYTES) throw new TransferError(any ? CHANGED : NO_EXPORT);
  }
  if (!any && length > 0) throw new TransferError(NO_EXPORT);
}

function parsed(bytes: Buffer, number: number): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    throw new TransferError(number === 1 ? NO_EXPORT : `${CHANGED} Line ${number} can't be read.`);
  }
}

function headOf(line: unknown): Head {
  const head = (line ?? {}) as Partial<Head>;
  if (head.format !== FORMAT || !Number.isInteger(head.version) || !Array.isArray(head.migrations))
    throw new TransferError(NO_EXPORT);
  if (head.version !== VERSION) {
    throw new TransferError(
      `The file has format ${head.version}, and this TraceVault reads format ${VERSION}. ` +
        `Import it with TraceVault ${head.written_by}, which wrote it.`,
    );
  }
  return head as Head;
}

function isEnd(line: unknown): boolean {
  return typeof line === 'object' && line !== null && 'end' in line;
}

function isTable(line: unknown): line is TableHead {
  const { table, columns, next } = (line ?? {}) as Partial<TableHead>;
  return typeof table === 'string' && isTextByName(columns) && isTextByName(next);
}

function isTextByName(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((text) => typeof text === 'string')
  );
}

function isRow(line: unknown): line is Row {
  return Array.isArray(line) && line.every((value) => value === null || typeof value === 'string');
}
