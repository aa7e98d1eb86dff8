const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const BRACKET = 0x5b;
const BRACE = 0x7b;

/** Returns a body as text, without a byte order mark. What is no UTF-8 becomes U+FFFD. */
export function textOf(body: Buffer): string {
  return new TextDecoder().decode(body);
}

/**
 * Parses the JSON documents of one body, as far as they have no more values in all than can be shown: a body of 32 MiB can
 * have ten million, whose objects take gigabytes.
 */
export class BoundedJson {
  constructor(private left: number) {}

  /** Whether a document was left out for its number of values. */
  get isExceeded(): boolean {
    return this.left < 0;
  }

  /** Returns the value; undefined if the text is no JSON, or has too many values. */
  parse(text: string): unknown {
    this.count(text);
    if (this.isExceeded) return undefined;
    try {
      return JSON.parse(text);
    } catch {
      return undefined;
    }
  }

  private count(text: string): void {
    let isInText = false;
    for (let at = 0; at < text.length && this.left >= 0; at++) {
      const code = text.charCodeAt(at);
      if (isInText) {
        if (code === BACKSLASH) at++;
        else if (code === QUOTE) isInText = false;
      } else if (code === QUOTE) isInText = true;
      else if (code === COMMA || code === BRACKET || code === BRACE) this.left--;
    }
  }
}
