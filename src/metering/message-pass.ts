import { endsScalar, JsonValuePass } from './json-value-pass';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const [OPEN_ARRAY, CLOSE_ARRAY] = [0x5b, 0x5d];
const [OPEN_OBJECT, CLOSE_OBJECT] = [0x7b, 0x7d];

const MAX_DEPTH = 64;
/** The maximum number of texts and brackets in all messages of a list: what is made to be slow is given up there. */
const MAX_TOKENS = 500_000;
const MAX_KEY_LENGTH = 64;

const ROLE = '"role"';
/** The mark behind what the provider caches, which moves on with each call. */
const CACHE_MARK = '"cache_control"';
/** Members whose texts do not count: clients write one message as a text, and then as a list with a type. */
const PASSED_OVER = new Set([ROLE, CACHE_MARK, '"type"']);
/** The roles of instructions, which are not said in the conversation, and may name the time. */
const INSTRUCTORS = new Set(['"system"', '"developer"']);

/** Finds the texts of one message that passes as JSON, in pieces, and where it ends. */
export class MessagePass implements Pick<JsonValuePass, 'isDone' | 'begin' | 'pass'> {
  isDone = false;
  /** Whether the message says at its beginning that it is an instruction. */
  isInstruction = false;
  hasText = false;
  /** Whether there is more than is looked at; no more texts are found then. */
  isGivenUp = false;
  private readonly text = new JsonValuePass();
  private tokens = 0;
  /** The number of open brackets. */
  private depth = 0;
  /** Of each whether it is that of an object. */
  private readonly open: boolean[] = [];
  /** The number of brackets around a mark of the cache, while that passes. */
  private depthOfMark: number | undefined;
  private key = '';
  private role = '';
  private isKeyNext = false;
  private isInText = false;
  private isKey = false;

  /** @param found receives the pieces of texts, with their quotes. */
  constructor(private readonly found: (piece: string) => void) {}

  /** Begins with a list of messages. */
  beginList(): void {
    this.tokens = 0;
    this.isGivenUp = false;
  }

  begin(): void {
    this.isDone = this.isKeyNext = this.isInText = this.hasText = this.isInstruction = false;
    this.depth = this.open.length = 0;
    this.depthOfMark = undefined;
    this.key = this.role = '';
  }

  pass(text: string, start: number): number {
    let at = start;
    while (at < text.length && !this.isDone)
      at = this.isInText ? this.passText(text, at) : this.step(text, at);
    return at;
  }

  private step(text: string, at: number): number {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      this.beginText();
      return at;
    }
    if (code === OPEN_OBJECT || code === OPEN_ARRAY) this.openBracket(code === OPEN_OBJECT);
    else if (this.depth === 0) {
      this.isDone = endsScalar(code);
      return this.isDone ? at : at + 1;
    } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) this.closeBracket();
    else if (code === COMMA) this.isKeyNext = this.open.at(-1) === true;
    else if (code === COLON) this.isKeyNext = false;
    return at + 1;
  }

  private openBracket(isObject: boolean): void {
    if (this.key === CACHE_MARK) this.depthOfMark ??= this.depth;
    this.depth += 1;
    this.isKeyNext = isObject;
    this.countToken();
    if (!this.isGivenUp) this.open.push(isObject);
  }

  private closeBracket(): void {
    this.depth -= 1;
    this.open.pop();
    if (this.depth === this.depthOfMark) this.depthOfMark = undefined;
    this.isDone = this.depth === 0;
  }

  private beginText(): void {
    this.isInText = true;
    this.isKey = this.isKeyNext;
    if (this.isKey) this.key = '';
    this.text.begin();
    this.countToken();
  }

  private countToken(): void {
    this.tokens += 1;
    this.isGivenUp ||= this.tokens > MAX_TOKENS || this.depth > MAX_DEPTH;
  }

  private passText(text: string, at: number): number {
    const end = this.text.pass(text, at);
    if (!this.isGivenUp) this.take(text.slice(at, end));
    if (this.text.isDone) this.endText();
    return end;
  }

  private take(piece: string): void {
    if (this.isKey) {
      if (this.key.length < MAX_KEY_LENGTH) this.key += piece;
    } else if (this.isRole) {
      if (this.role.length < MAX_KEY_LENGTH) this.role += piece;
    } else if (!this.isInstruction && this.depthOfMark === undefined && !PASSED_OVER.has(this.key)) {
      this.hasText = true;
      this.found(piece);
    }
  }

  private endText(): void {
    this.isInText = false;
    this.isDone = this.depth === 0;
    if (!this.isKey && this.isRole && !this.hasText) this.isInstruction = INSTRUCTORS.has(this.role);
  }

  /** Whether the text that passes is the role of the message. */
  private get isRole(): boolean {
    return this.key === ROLE && this.depth === 1;
  }
}
