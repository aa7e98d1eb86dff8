import { createParser, EventSourceParser } from 'eventsource-parser';
import { isObject } from './json';
import { readDocument } from './json-body';
import { copyOf, typeOf } from './json-text';
import { RepeatedEvent } from './repeated-event';
import { TextBody } from './text-body';
import { UsageReader } from './usage-reader';

/** The maximum number of characters of an event; one of the whole answer can be several megabytes large. */
const MAX_EVENT = 32 * 1024 * 1024;
const EVENT_END = '\n\n';

/** A body of events, as `text/event-stream` has them. */
export class EventsBody implements TextBody {
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
        if (type === 'max-buffer-size-exceeded') this.terminate();
      },
    });
  }

  feed(text: string, isAscii: boolean): void {
    if (text !== '') this.read(this.withLineFeeds(text), isAscii);
  }

  private terminate(): void {
    this.isTerminated = true;
    this.repeated = undefined;
  }

  private read(text: string, isAscii: boolean): void {
    let at = 0;
    this.repeated?.begin(isAscii);
    for (;;) {
      if (this.isBetweenEvents) at = this.repeated?.pass(text, at) ?? at;
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
    this.feed('\n\n', true);
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
