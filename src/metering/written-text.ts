import { lengthFrom, textStart } from './json-text';

const QUOTE = 0x22;

/** Counts the characters that the model wrote, in the events of one response. */
export class WrittenText {
  characters = 0;

  /** @param names the members that may be such a text, with their quotes, in the order of precedence: an event has one of them. */
  constructor(private readonly names: readonly string[]) {}

  /** Counts the text of an event. */
  count(data: string): void {
    const start = this.startIn(data);
    if (start >= 0) this.characters += lengthFrom(data, start);
  }

  /** Returns the position of the text in an event's data; -1 if it has none, or an empty one. */
  startIn(data: string): number {
    for (const name of this.names) {
      const start = textStart(data, name);
      if (start >= 0 && data.charCodeAt(start) !== QUOTE) return start;
    }
    return -1;
  }
}
