import { ByteCollector } from './byte-collector';
import { JsonValuePass } from './json-value-pass';

/** The members of a document that are kept, by name: whole, or again some members of theirs. Arrays are looked into. */
export interface Kept {
  readonly [name: string]: true | Kept;
}

/** Passes the elements of an array, one after the other; a value that is no array is its only element. */
export interface ElementPass extends Pick<JsonValuePass, 'isDone' | 'begin' | 'pass'> {
  /** Begins with an array. Of duplicate members the last one counts, so that what came before is void. */
  beginList(): void;
}

/** A member of the document whose elements are not kept. */
interface PassedOn {
  readonly name: string;
  readonly to: ElementPass;
}

/** A document, as far as it was there. */
export interface ReadDocument {
  /** Undefined if nothing of the document could be read. */
  readonly value: unknown;
  /** Whether the document was there to its end. */
  readonly isWhole: boolean;
}

/** An open object or array on the way to kept members. */
interface Frame {
  readonly kept: Kept | 'element';
  readonly isArray: boolean;
  hasMembers: boolean;
}

const MAX_DEPTH = 32;
const MAX_KEY_LENGTH = 256;
/** The maximum number of members whose keys are looked at. */
const MAX_MEMBERS = 100_000;
const MAX_KEPT_BYTES = 1024 * 1024;

/**
 * Reads some members of a JSON document that is too large to be kept: it passes in pieces of any size, and nothing but the
 * kept members' text stays. The pieces hold bytes as Latin-1 characters, since everything that structures JSON is ASCII.
 */
export class JsonScanner {
  /** Whether a whole member has been kept. */
  hasKept = false;
  private state: 'value' | 'key' | 'in_key' | 'colon' | 'comma' | 'passing' | 'end' | 'broken' = 'value';
  private readonly frames: Frame[] = [];
  private readonly plainPass = new JsonValuePass();
  /** Passes the key or the value that is being read. */
  private pass: Pick<ElementPass, 'isDone' | 'begin' | 'pass'> = this.plainPass;
  private readonly out = new ByteCollector(MAX_KEPT_BYTES);
  /** The length of the output before the member that is being copied: where to cut it if the member stays incomplete. */
  private memberStart = 0;
  private isCopying = false;
  private members = 0;
  /** The key that was read last, with its quotes. */
  private key = '';
  /** What is kept of the value that comes, or whether it is passed on: the elements of an array, or one of them. */
  private wanted: true | Kept | 'elements' | 'element' | undefined;

  /** @param passedOn a member of the document itself, beside those that are kept. */
  constructor(
    kept: Kept,
    private readonly passedOn?: PassedOn,
  ) {
    this.wanted = kept;
  }

  /** Whether the document has been there to its end. */
  get isAtEnd(): boolean {
    return this.state === 'end';
  }

  feed(text: string): void {
    let at = 0;
    while (at < text.length && this.state !== 'broken') at = this.step(text, at);
  }

  finish(): ReadDocument {
    const isWhole = this.state === 'end';
    if (!isWhole) this.cut();
    try {
      return { value: JSON.parse(this.out.bytes().toString()), isWhole };
    } catch {
      return { value: undefined, isWhole: false };
    }
  }

  /** Consumes what it can, and returns the position behind it. */
  private step(text: string, at: number): number {
    if (this.state === 'passing') return this.passValue(text, at);
    if (this.state === 'in_key') return this.readKey(text, at);
    return text.charCodeAt(at) <= 0x20 ? at + 1 : this.take(text.charAt(at), at);
  }

  private take(character: string, at: number): number {
    const frame = this.frames.at(-1);
    const isArray = frame?.isArray === true;
    const canClose = this.state === 'comma' || this.state === (isArray ? 'value' : 'key');
    if (frame !== undefined && canClose && character === (isArray ? ']' : '}'))
      return this.close(character, at);
    if (this.state === 'value') return this.beginValue(character, at);
    if (this.state === 'key' && character === '"') return this.beginKey(at);
    if (this.state === 'colon' && character === ':') this.state = 'value';
    else if (this.state === 'comma' && character === ',') this.beginMember();
    else this.state = 'broken';
    return at + 1;
  }

  private beginMember(): void {
    const frame = this.frames.at(-1);
    this.wanted = frame?.kept;
    this.state = frame?.isArray === true ? 'value' : 'key';
  }

  private beginKey(at: number): number {
    this.state = 'in_key';
    this.key = '';
    this.pass = this.plainPass;
    this.pass.begin();
    if (++this.members > MAX_MEMBERS) this.state = 'broken';
    return at;
  }

  private readKey(text: string, at: number): number {
    const end = this.pass.pass(text, at);
    if (this.key.length <= MAX_KEY_LENGTH) this.key += text.slice(at, end);
    if (!this.pass.isDone) return end;
    this.wanted = this.wantedOf(nameOf(this.key));
    this.state = 'colon';
    return end;
  }

  private wantedOf(name: string): true | Kept | 'elements' | undefined {
    if (this.frames.length === 1 && name === this.passedOn?.name) return 'elements';
    const kept = this.frames.at(-1)?.kept;
    return typeof kept === 'object' && Object.hasOwn(kept, name) ? kept[name] : undefined;
  }

  private beginValue(character: string, at: number): number {
    const isArray = character === '[';
    if (typeof this.wanted === 'object' && (isArray || character === '{'))
      return this.open(this.wanted, isArray, at);
    if (this.wanted === 'elements') {
      this.passedOn?.to.beginList();
      if (isArray) return this.open('element', true, at);
    }
    if (',:]}'.includes(character)) {
      this.state = 'broken';
      return at;
    }
    this.state = 'passing';
    this.pass = this.passOf(this.wanted);
    this.pass.begin();
    this.isCopying = this.wanted === true;
    if (this.isCopying) this.writeKey();
    return at;
  }

  private passOf(wanted: true | Kept | 'elements' | 'element' | undefined): JsonScanner['pass'] {
    const isElement = wanted === 'elements' || wanted === 'element';
    return isElement && this.passedOn !== undefined ? this.passedOn.to : this.plainPass;
  }

  private open(kept: Kept | 'element', isArray: boolean, at: number): number {
    this.writeKey();
    this.write(isArray ? '[' : '{');
    if (this.frames.push({ kept, isArray, hasMembers: false }) > MAX_DEPTH) this.state = 'broken';
    else this.beginMember();
    return at + 1;
  }

  private close(bracket: string, at: number): number {
    this.write(bracket);
    this.frames.pop();
    this.state = this.frames.length === 0 ? 'end' : 'comma';
    return at + 1;
  }

  private passValue(text: string, at: number): number {
    const end = this.pass.pass(text, at);
    if (this.isCopying) this.write(text.slice(at, end));
    if (!this.pass.isDone || this.state === 'broken') return end;
    this.hasKept ||= this.isCopying;
    this.isCopying = false;
    // A document is an object or an array.
    this.state = this.frames.length === 0 ? 'broken' : 'comma';
    return end;
  }

  private writeKey(): void {
    this.memberStart = this.out.length;
    const frame = this.frames.at(-1);
    if (frame === undefined) return;
    if (frame.hasMembers) this.write(',');
    if (!frame.isArray) this.write(`${this.key}:`);
    frame.hasMembers = true;
  }

  private write(text: string): void {
    if (!this.out.appendLatin1(text)) this.state = 'broken';
  }

  /** Makes a document of what is there. */
  private cut(): void {
    if (this.isCopying) this.out.truncate(this.memberStart);
    for (const { isArray } of this.frames.splice(0).reverse()) this.out.appendLatin1(isArray ? ']' : '}');
  }
}

/** Matches a key that is the same as bytes and as characters. */
const ASCII = /^[ -[\]-~]*$/;

function nameOf(key: string): string {
  if (key.length > MAX_KEY_LENGTH) return '';
  if (ASCII.test(key)) return key.slice(1, -1);
  if (!key.includes('\\')) return Buffer.from(key.slice(1, -1), 'latin1').toString();
  try {
    return JSON.parse(key) as string;
  } catch {
    return '';
  }
}
