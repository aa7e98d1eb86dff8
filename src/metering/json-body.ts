import { ByteCollector } from './byte-collector';
import { JsonScanner, Kept, ReadDocument } from './json-scanner';

/** The size of a document that is at hand and is parsed as a whole. */
const MAX_PARSED = 2 * 1024 * 1024;
/** The size of a document that is kept until its end, as it passes. */
const MAX_HELD = 64 * 1024;

/** Reads a JSON document whose bytes are the Latin-1 characters of a text. */
export function readDocument(text: string, kept: Kept): ReadDocument {
  if (text.length <= MAX_PARSED) {
    try {
      return { value: JSON.parse(Buffer.from(text, 'latin1').toString()), isWhole: true };
    } catch {
      // Below, as far as it is there
    }
  }
  const scanner = new JsonScanner(kept);
  scanner.feed(text);
  const { value, isWhole } = scanner.finish();
  return { value, isWhole: isWhole && text.length > MAX_PARSED };
}

/** A JSON document that passes in pieces: a small one is kept and parsed, a large one scanned as it passes. */
export class JsonBody {
  private readonly held = new ByteCollector(MAX_HELD);
  private scanner: JsonScanner | undefined;

  constructor(private readonly kept: Kept) {}

  feed(text: string): void {
    if (this.scanner === undefined && this.held.appendLatin1(text)) return;
    if (this.scanner === undefined) {
      this.scanner = new JsonScanner(this.kept);
      this.scanner.feed(this.held.bytes().toString('latin1'));
      this.held.clear();
    }
    this.scanner.feed(text);
  }

  /** Whether there was nothing but whitespace. */
  get isBlank(): boolean {
    return this.scanner === undefined && this.held.bytes().toString('latin1').trim() === '';
  }

  finish(): ReadDocument {
    return this.scanner?.finish() ?? readDocument(this.held.bytes().toString('latin1'), this.kept);
  }
}
