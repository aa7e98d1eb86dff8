import { isObject, textIn } from './json';
import { JsonScanner, Kept } from './json-scanner';
import { PlainRequest } from './plain-request';

/** The bytes of a request in which the model is looked for; most clients name it first. */
const MAX_SCANNED = 4 * 1024 * 1024;
const BOUNDS = { compressed: 64 * 1024, decoded: MAX_SCANNED };
const KEPT: Kept = { model: true };

/** Finds the model that a request's body names, in its first megabytes. */
export class RequestModel {
  private scanner: JsonScanner | undefined = new JsonScanner(KEPT);
  private found: string | undefined;
  private readonly body: PlainRequest;
  private scanned = 0;

  /** @param contentEncoding the request's header of that name. */
  constructor(contentEncoding: string | undefined) {
    this.body = new PlainRequest(contentEncoding, BOUNDS, (bytes) => this.scan(bytes));
  }

  chunk(chunk: Buffer): void {
    this.body.chunk(chunk);
  }

  async model(): Promise<string | undefined> {
    await this.body.finish();
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
