/** A part of a body, as positions of its bytes. */
export interface Piece {
  readonly start: number;
  /** The position behind the last byte. */
  readonly end: number;
}

/** Members of a request whose elements, or else whose whole value, come again in the next request of a session. */
const REPEATED = new Set([
  'system', // Anthropic
  'tools',
  'messages',
  'instructions', // OpenAI
  'input',
  'systemInstruction', // Gemini
  'system_instruction',
  'contents',
]);

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const [OPEN_ARRAY, CLOSE_ARRAY] = [0x5b, 0x5d];
const [OPEN_OBJECT, CLOSE_OBJECT] = [0x7b, 0x7d];
const SPACE = 0x20;

/** The maximum number of values that a body is cut at: what is behind them is one piece. */
const MAX_VALUES = 5_000;
/** The maximum size of a body that is looked at, in bytes: a larger one is one piece. */
const MAX_SCANNED_BYTES = 8 * 1024 * 1024;

/** Enough values have been found. */
class EnoughValues extends Error {}

/** The bytes are no JSON as far as it is looked at. */
class NotJson extends Error {}

/**
 * Cuts a request's body where the next request of the session will repeat it: around the system prompt, each tool and
 * each message. The pieces are the body, in order and without a gap; a body that is no JSON object, or a large one, is one piece. The values are not
 * parsed, so nothing of them (duplicate keys, large numbers, lone surrogates) gets lost.
 */
export function piecesOf(body: Buffer): Piece[] {
  if (body.length > MAX_SCANNED_BYTES) return whole(body);
  const values: Piece[] = [];
  try {
    new Scanner(body, (start, end) => {
      if (values.push({ start, end }) === MAX_VALUES) throw new EnoughValues();
    }).scan();
  } catch (error) {
    if (error instanceof NotJson) return whole(body);
    if (!(error instanceof EnoughValues)) throw error;
  }
  const pieces: Piece[] = [];
  let at = 0;
  for (const value of values) {
    if (value.start > at) pieces.push({ start: at, end: value.start });
    pieces.push(value);
    at = value.end;
  }
  if (at < body.length) pieces.push({ start: at, end: body.length });
  return pieces;
}

function whole(body: Buffer): Piece[] {
  return body.length === 0 ? [] : [{ start: 0, end: body.length }];
}

/** Finds the repeated values of one document. It knows where values end, and does not judge what is in them. */
class Scanner {
  private at = 0;

  constructor(
    private readonly bytes: Buffer,
    private readonly found: (start: number, end: number) => void,
  ) {}

  scan(): void {
    this.members((key) => {
      if (!REPEATED.has(key)) this.value();
      else if (this.peek() === OPEN_ARRAY) this.elements(() => this.repeatedValue());
      else this.repeatedValue();
    });
    if (this.peek() !== undefined) throw new NotJson();
  }

  private repeatedValue(): void {
    const start = this.at;
    this.value();
    this.found(start, this.at);
  }

  /** Passes an object; the callback passes the value of each member. */
  private members(value: (key: string) => void): void {
    this.take(OPEN_OBJECT);
    if (this.takes(CLOSE_OBJECT)) return;
    for (;;) {
      this.peek();
      const start = this.at;
      this.text();
      const key = this.bytes.toString('utf8', start + 1, this.at - 1);
      this.take(COLON);
      this.peek();
      value(key);
      if (this.takes(CLOSE_OBJECT)) return;
      this.take(COMMA);
    }
  }

  private elements(element: () => void): void {
    this.take(OPEN_ARRAY);
    if (this.takes(CLOSE_ARRAY)) return;
    for (;;) {
      this.peek();
      element();
      if (this.takes(CLOSE_ARRAY)) return;
      this.take(COMMA);
    }
  }

  /** Passes one value, whatever is in it. */
  private value(): void {
    const first = this.bytes[this.at];
    if (first === QUOTE) this.text();
    else if (first === OPEN_OBJECT || first === OPEN_ARRAY) this.nested();
    else this.scalar();
  }

  private scalar(): void {
    const start = this.at;
    while (this.at < this.bytes.length && !endsScalar(this.bytes[this.at])) this.at++;
    if (this.at === start) throw new NotJson();
  }

  private nested(): void {
    let depth = 0;
    while (this.at < this.bytes.length) {
      const byte = this.bytes[this.at];
      if (byte === QUOTE) {
        this.text();
        continue;
      }
      this.at++;
      if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth++;
      else if ((byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) && --depth === 0) return;
    }
    throw new NotJson();
  }

  private text(): void {
    if (this.bytes[this.at] !== QUOTE) throw new NotJson();
    for (let from = this.at + 1; ;) {
      const quote = this.bytes.indexOf(QUOTE, from);
      if (quote < 0) throw new NotJson();
      let escapes = 0;
      while (this.bytes[quote - 1 - escapes] === BACKSLASH && quote - 1 - escapes >= from) escapes++;
      from = quote + 1;
      if (escapes % 2 === 1) continue;
      this.at = from;
      return;
    }
  }

  /** Skips whitespace, and returns the byte behind it without passing it. */
  private peek(): number | undefined {
    while ((this.bytes[this.at] ?? Infinity) <= SPACE) this.at++;
    return this.bytes[this.at];
  }

  /** Passes a byte if it is the next one. @returns whether it was. */
  private takes(byte: number): boolean {
    if (this.peek() !== byte) return false;
    this.at++;
    return true;
  }

  private take(byte: number): void {
    if (!this.takes(byte)) throw new NotJson();
  }
}

function endsScalar(byte: number | undefined): boolean {
  return (
    byte === COMMA || byte === CLOSE_OBJECT || byte === CLOSE_ARRAY || byte === undefined || byte <= SPACE
  );
}
