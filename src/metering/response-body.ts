import { createParser, EventSourceParser } from 'eventsource-parser';
import { isObject } from './json';
import { JsonBody, readDocument } from './json-body';
import { ReadDocument } from './json-scanner';
import { copyOf, isAsciiText, typeOf } from './json-text';
import { RepeatedEvent } from './repeated-event';
import { UsageReader } from './usage-reader';

/** What a response's body is: events, one JSON document, or one in each line. */
export type BodyKind = 'events' | 'document' | 'lines';

/** A response's body, which passes in pieces. They hold its bytes as Latin-1 characters. */
export interface ResponseBody {
  feed(text: string): void;
  end(): void;
  /** Whether a part could not be read: what was read is then a floor at most. */
  isDamaged: boolean;
}

/** The maximum number of characters of an event; one of the whole answer can be several megabytes large. */
const MAX_EVENT = 32 * 1024 * 1024;
const EVENT_END = '\n\n';
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
  private body: ResponseBody | undefined;
  private start = '';

  constructor(private readonly create: (start: string) => ResponseBody) {}

  get isDamaged(): boolean {
    return this.body?.isDamaged === true;
  }

  feed(text: string): void {
    if (this.body !== undefined) this.body.feed(text);
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
    this.body.feed(text);
  }
}

class EventsBody implements ResponseBody {
  isDamaged = false;
  private readonly parser: EventSourceParser;
  private isTerminated = false;
  /** Whether the last text ended with a carriage return, whose line feed may come. */
  private isAfterReturn = false;
  private isBetweenEvents = true;
  private repeated: RepeatedEvent | undefined;
  /** The data of the event that was parsed last, if nothing but its text was counted. */
  private counted: string | undefined;

  constructor(private readonly reader: UsageReader) {
    this.repeated = reader.written && new RepeatedEvent(reader.written);
    this.parser = createParser({
      maxBufferSize: MAX_EVENT,
      onEvent: ({ event, data }) => this.take(event ?? typeOf(data), data),
      onError: ({ type }) => {
        if (type === 'max-buffer-size-exceeded') this.isTerminated = true;
      },
    });
  }

  feed(text: string): void {
    if (text !== '') this.read(this.withLineFeeds(text));
  }

  private read(text: string): void {
    let at = 0;
    const isAscii = this.repeated !== undefined && isAsciiText(text);
    for (;;) {
      if (this.isBetweenEvents) at = this.repeated?.skip(text, at, isAscii) ?? at;
      const end = this.nextEnd(text, at);
      if (end < 0) break;
      this.parse(text.slice(at, end));
      this.isBetweenEvents = true;
      at = end;
    }
    if (at === text.length) return;
    this.parse(copyOf(text.slice(at))); // as a part of the text it would keep all of that alive until the event ends
    this.isBetweenEvents = false;
  }

  /** Returns the end of the next event, or of the last one where none has to be seen alone; -1 if none ends. */
  private nextEnd(text: string, at: number): number {
    const end = this.repeated === undefined ? text.lastIndexOf(EVENT_END) : text.indexOf(EVENT_END, at);
    return end < at ? -1 : end + EVENT_END.length;
  }

  private parse(text: string): void {
    if (this.isTerminated) {
      this.isDamaged = true;
      return;
    }
    this.parser.feed(text);
    const { counted } = this;
    this.counted = undefined;
    if (counted === undefined || !this.isBetweenEvents) return;
    if (this.repeated?.learn(text, counted) === false) this.repeated = undefined;
  }

  /** Returns a text whose lines all end with line feeds: of others the parser looks through all that follows, for each line again. */
  private withLineFeeds(text: string): string {
    const rest = this.isAfterReturn && text.startsWith('\n') ? text.slice(1) : text;
    this.isAfterReturn = text.endsWith('\r');
    return rest.includes('\r') ? rest.replace(/\r\n?/g, '\n') : rest;
  }

  /** Ends the last event, which may lack its empty line. */
  end(): void {
    this.feed('\n\n');
  }

  private take(type: string, data: string): void {
    if (data === '') return;
    const wanted = this.reader.wants(type, data);
    if (wanted === 'text') this.counted = data;
    if (wanted !== 'document') return;
    const { value, isWhole } = readDocument(data, this.reader.kept);
    if (!isWhole || !isObject(value)) this.isDamaged = true;
    else this.reader.event(value);
  }
}

class DocumentBody implements ResponseBody {
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

class LinesBody implements ResponseBody {
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
