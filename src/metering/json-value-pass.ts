const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;

/** Finds the end of one JSON value that passes in pieces, by its brackets and quotes alone. */
export class JsonValuePass {
  isDone = false;
  /** The number of open brackets. */
  private depth = 0;
  private isInText = false;
  /** Whether the piece before ended behind a backslash that escapes what comes. */
  private isEscaped = false;

  /** Begins with a value whose first character comes next. */
  begin(): void {
    this.isDone = false;
    this.depth = 0;
    this.isInText = false;
    this.isEscaped = false;
  }

  /** @returns the position behind the value, or the end of the text if the value goes on. */
  pass(text: string, start: number): number {
    let at = start;
    while (at < text.length && !this.isDone)
      at = this.isInText ? this.passText(text, at) : this.step(text, at);
    return at;
  }

  private step(text: string, at: number): number {
    const code = text.charCodeAt(at);
    if (code === QUOTE) this.isInText = true;
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) this.depth++;
    else if (this.depth === 0) this.isDone = endsScalar(code);
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      this.depth--;
      if (this.depth > 0) return at + 1;
      this.isDone = true;
      return at + 1;
    }
    return this.isDone ? at : at + 1;
  }

  private passText(text: string, at: number): number {
    const quote = text.indexOf('"', at);
    const end = quote < 0 ? text.length : quote;
    let first = end;
    while (first > at && text.charCodeAt(first - 1) === BACKSLASH) first--;
    const isOdd = (end - first) % 2 === 1;
    const isEscaped = first === at && this.isEscaped ? !isOdd : isOdd;
    this.isEscaped = quote < 0 && isEscaped;
    if (quote < 0) return end;
    this.isInText = isEscaped;
    this.isDone = !isEscaped && this.depth === 0;
    return end + 1;
  }
}

/** Tells whether a character is behind a number or a word: a comma, a closing bracket or whitespace. */
export function endsScalar(code: number): boolean {
  return code === COMMA || code === CLOSE_BRACE || code === CLOSE_BRACKET || code <= 0x20;
}
