import { closingQuote, copyOf, lengthFrom, skipSpaces } from './json-text';
import { WrittenText } from './written-text';

const EMPTY_LINE = '\n\n';
/** The end of an event, with the line that is empty. */
const END = `}${EMPTY_LINE}`;
/** The maximum number of characters of an event without its text: they are kept as long as the stream lasts. */
const MAX_FRAME = 2048;
/** The number of events that are learned one after the other, and none of them repeated, before no more are. */
const MOST_IN_VAIN = 16;

/**
 * The event that a stream repeats, all of it but its text: what the model writes comes in thousands of them. The text of a
 * repetition is counted without parsing the event. Anthropic writes any number of spaces before the last brace.
 */
export class RepeatedEvent {
  /** The event up to its text; empty if none is known. */
  private head = '';
  /** The event from its text's closing quote on, without its end and the spaces before that. */
  private tail = '';
  private inVain = 0;

  constructor(private readonly written: WrittenText) {}

  /**
   * Learns an event of which nothing but the text was counted.
   * @param event its characters, with the empty line that ends it.
   * @param data its data.
   * @returns false if no more should be: it is too large without its text, or too many were not repeated.
   */
  learn(event: string, data: string): boolean {
    this.inVain += 1;
    const start = this.written.startIn(data);
    const begin = event.length - data.length - EMPTY_LINE.length;
    if (start >= 0 && event.endsWith(END) && isAt(event, begin, data)) {
      const [textStart, textEnd] = [begin + start, closingQuote(event, begin + start)];
      if (event.length - (textEnd - textStart) > MAX_FRAME) return false;
      this.head = copyOf(event.slice(0, textStart));
      this.tail = copyOf(event.slice(textEnd, -END.length).replace(/ +$/, ''));
    }
    return this.inVain < MOST_IN_VAIN;
  }

  /**
   * Counts the texts of the repetitions that follow one another.
   * @param at where an event begins.
   * @param isAscii whether all of the text is in ASCII.
   * @returns the position behind them.
   */
  skip(text: string, at: number, isAscii: boolean): number {
    const { head, tail } = this;
    if (head === '') return at;
    let [next, characters, backslash] = [at, 0, -1];
    while (isAt(text, next, head)) {
      const start = next + head.length;
      const end = closingQuote(text, start);
      if (end === start || !isAt(text, end, tail)) break;
      const last = skipSpaces(text, end + tail.length);
      if (!isAt(text, last, END) || text.indexOf('\n', start) < last) break;
      if (backslash < start) backslash = positionOf('\\', text, start);
      characters += isAscii && backslash > end ? end - start : lengthFrom(text, start);
      next = last + END.length;
    }
    if (next > at) this.inVain = 0;
    this.written.characters += characters;
    return next;
  }
}

/** Tells what `startsWith` does; V8 compares two strings several times as fast. */
function isAt(text: string, at: number, part: string): boolean {
  return text.slice(at, at + part.length) === part;
}

/** Returns the position of a character from another one on; the text's length if there is none. */
function positionOf(character: string, text: string, from: number): number {
  const at = text.indexOf(character, from);
  return at < 0 ? text.length : at;
}
