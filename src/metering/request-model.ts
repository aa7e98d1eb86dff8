import { ByteCollector } from './byte-collector';
import { Coding, codingOf, decode } from './content-coding';
import { isObject, textIn } from './json';
import { JsonScanner, Kept } from './json-scanner';

/** The bytes of a request in which the model is looked for; most clients name it first. */
const MAX_SCANNED = 4 * 1024 * 1024;
const MAX_COMPRESSED = 64 * 1024;
const KEPT: Kept = { model: true };

/** Finds the model that a request's body names, in its first megabytes. */
export class RequestModel {
  private scanner: JsonScanner | undefined = new JsonScanner(KEPT);
  private found: string | undefined;
  private readonly compressed = new ByteCollector(MAX_COMPRESSED);
  private readonly coding: Coding | undefined | null;
  private scanned = 0;

  /** @param contentEncoding the request's header of that name. */
  constructor(contentEncoding: string | undefined) {
    this.coding = codingOf(contentEncoding);
  }

  chunk(chunk: Buffer): void {
    if (this.coding === undefined) this.scan(chunk);
    else if (this.coding !== null)
      this.compressed.append(chunk.subarray(0, MAX_COMPRESSED - this.compressed.length));
  }

  async model(): Promise<string | undefined> {
    if (this.coding && this.compressed.length > 0) {
      await decode(this.coding, this.compressed.bytes(), (bytes) => this.scan(bytes), MAX_SCANNED);
      this.compressed.clear();
    }
    this.finish();
    return this.found;
  }

  private scan(bytes: Buffer): void {
    if (this.scanner === undefined) return;
    this.scanned += bytes.length;
    this.scanner.feed(bytes.toString('latin1'));
    if (this.scanner.hasKept || this.scanned >= MAX_SCANNED) this.finish();
  }

  /** Takes what was found, and frees the memory: a response can last for minutes. */
  private finish(): void {
    const value = this.scanner?.finish().value;
    this.scanner = undefined;
    if (isObject(value)) this.found = textIn(value, 'model');
  }
}
