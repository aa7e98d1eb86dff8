import { isAscii } from 'node:buffer';
import { EventsBody } from './events-body';
import { isObject } from './json';
import { JsonBody } from './json-body';
import { ReadDocument } from './json-scanner';
import { TextBody } from './text-body';
import { UsageReader } from './usage-reader';

/** What a response's body is: events, one JSON document, or one in each line. */
export type BodyKind = 'events' | 'document' | 'lines';

/** A response's body, which passes in pieces. */
export interface ResponseBody {
  feed(bytes: Buffer): void;
  end(): void;
  /** Whether a part could not be read: what was read is then a floor at most. */
  readonly isDamaged: boolean;
}

const BYTE_ORDER_MARK = '\u00ef\u00bb\u00bf';

/** @param kind undefined if the response does not say what it is. */
export function responseBody(kind: BodyKind | undefined, reader: UsageReader): ResponseBody {
  return new MarkedBody((start) => {
    const known = kind ?? (/^\s*[{[]/.test(start) ? 'document' : 'events');
    if (known === 'events') return new EventsBody(reader);
    return known === 'lines' ? new LinesBody(reader) : new DocumentBody(reader);
  });
}

/** A body that may begin with a byte order mark. */
class MarkedBody implements ResponseBody {
  private body: TextBody | undefined;
  private start = '';

  constructor(private readonly create: (start: string) => TextBody) {}

  get isDamaged(): boolean {
    return this.body?.isDamaged === true;
  }

  feed(bytes: Buffer): void {
    const text = bytes.toString('latin1');
    if (this.body !== undefined) this.body.feed(text, isAscii(bytes));
    else {
      this.start += text;
      if (this.start.length >= BYTE_ORDER_MARK.length) this.begin();
    }
  }

  end(): void {
    if (this.body === undefined && this.start !== '') this.begin();
    this.body?.end();
  }

  private begin(): void {
    const { start } = this;
    const text = start.startsWith(BYTE_ORDER_MARK) ? start.slice(BYTE_ORDER_MARK.length) : start;
    this.start = '';
    this.body = this.create(text);
    this.body.feed(text, false); // it may be; the first piece alone is counted more slowly
  }
}

class DocumentBody implements TextBody {
  isDamaged = false;
  private readonly document: JsonBody;

  constructor(private readonly reader: UsageReader) {
    this.document = new JsonBody(reader.kept);
  }

  feed(text: string): void {
    this.document.feed(text);
  }

  end(): void {
    const { value, isWhole } = this.document.finish();
    this.isDamaged = !isWhole;
    for (const one of Array.isArray(value) ? value : [value])
      if (isObject(one)) this.reader.body(one, isWhole);
  }
}

class LinesBody implements TextBody {
  readonly isDamaged = false; // a line that can't be read says nothing about the others
  private line: JsonBody;

  constructor(private readonly reader: UsageReader) {
    this.line = new JsonBody(reader.kept);
  }

  feed(text: string): void {
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      this.line.feed(text.slice(start, end));
      this.take(this.line.finish());
      this.line = new JsonBody(this.reader.kept);
      start = end + 1;
    }
    if (start < text.length) this.line.feed(text.slice(start));
  }

  end(): void {
    const { value, isWhole } = this.line.finish();
    if (isWhole && isObject(value)) this.reader.body(value, true); // else it was cut
  }

  private take({ value, isWhole }: ReadDocument): void {
    if (isWhole && isObject(value)) this.reader.body(value, true);
    else if (value !== undefined || !this.line.isBlank) this.reader.unreadableLine?.();
  }
}
