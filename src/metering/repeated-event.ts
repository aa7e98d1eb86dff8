import { closingQuote, copyOf, isMember, lengthFrom, skipSpaces } from './json-text';
import { WrittenText } from './written-text';

const SPACE = 0x20;
/** How the line begins that has an event's data. */
const FIELD = ['data: ', 'data:'];
const EMPTY_LINE = '\n\n';
/** The end of an event, with the line that is empty. */
const END = `}${EMPTY_LINE}`;
/** The maximum number of characters of an event without its text: they are kept as long as the stream lasts. */
const MAX_FRAME = 2048;
/** What it takes to learn an event, in repetitions: what one of them saves is 1. */
const TO_LEARN = 4;
/** What may have been spent on learning, and not been saved, before no more events are learned. */
const MAX_SPENT = 64;

/**
 * The event that a stream repeats, all of it but its text: what the model writes comes in thousands of them. The text of a
 * repetition is counted without parsing the event. Anthropic writes any number of spaces before the last brace.
 */
export class RepeatedEvent {
  /** The event up to its text; empty if none is known. */
  private head = '';
  /** The event from its text's closing quote on, without its end and the spaces before that. */
  private tail = '';
  private spent = 0;
  private isAscii = false;
  /** The position of a backslash in the piece, where none is between it and the text that was counted last. */
  private backslash = -1;

  constructor(private readonly written: WrittenText) {}

  /**
   * Learns an event of which nothing but the text was counted, if that can be repeated.
   * @param event its characters, with the empty line that ends it.
   * @param data its data.
   * @returns false if no more should be: too many were not repeated.
   */
  learn(event: string, data: string): boolean {
    const begin = event.length - data.length - EMPTY_LINE.length;
    const field = event.slice(event.lastIndexOf('\n', begin - 1) + 1, begin);
    const text = this.written.startIn(data);
    if (text < 0 || !FIELD.includes(field) || !isAt(event, begin, data) || !event.endsWith(END)) return true;
    this.spent += TO_LEARN;
    const start = begin + text;
    const end = closingQuote(event, start);
    // A text behind which a colon stands is a name, if the data is no proper JSON: what is in it matters
    if (event.length - (end - start) <= MAX_FRAME && !isMember(event, end + 1)) {
      this.head = copyOf(event.slice(0, start));
      this.tail = copyOf(event.slice(end, skipSpacesBack(event, event.length - END.length)));
    }
    return this.spent < MAX_SPENT;
  }

  /** Begins with a piece of the stream. */
  begin(isAscii: boolean): void {
    this.isAscii = isAscii;
    this.backslash = -1;
  }

  /**
   * Counts the texts of the repetitions that follow one another.
   * @param text the piece.
   * @param at where an event begins in it.
   * @returns the position behind them.
   */
  pass(text: string, at: number): number {
    const { head, tail } = this;
    if (head === '') return at;
    let [next, count, characters] = [at, 0, 0];
    while (isAt(text, next, head)) {
      const start = next + head.length;
      const end = closingQuote(text, start);
      if (end === start || !isAt(text, end, tail)) break; // without a text, another member may be the text
      const last = skipSpaces(text, end + tail.length);
      const isOneLine = text.indexOf('\n', start) > last;
      if (!isOneLine || !isAt(text, last, END)) break;
      characters += this.isPlain(text, start, end) ? end - start : lengthFrom(text, start);
      next = last + END.length;
      count += 1;
    }
    this.spent = Math.max(0, this.spent - count);
    this.written.characters += characters;
    return next;
  }

  /** Tells whether a text has no escape, and no character of several bytes, so that its length is known. */
  private isPlain(piece: string, start: number, end: number): boolean {
    if (!this.isAscii) return false;
    if (this.backslash < start) {
      const next = piece.indexOf('\\', start);
      this.backslash = next < 0 ? piece.length : next;
    }
    return this.backslash >= end;
  }
}

/** Tells what `startsWith` does; V8 compares two strings several times as fast. */
function isAt(text: string, at: number, part: string): boolean {
  return text.slice(at, at + part.length) === part;
}

/** Returns the position at which the spaces before another one begin. */
function skipSpacesBack(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at - 1) === SPACE) at--;
  return at;
}
