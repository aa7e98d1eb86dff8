import { isAscii } from 'node:buffer';

const SPACE = 0x20;
const COLON = 0x3a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
/** The length up to which it is cheaper to look at each character of a text than at a copy of its bytes. */
const SHORT = 256;
/** Where pieces of longer texts are looked at as bytes; shared, since nothing is kept in it. */
const SCRATCH = Buffer.allocUnsafeSlow(8192);

/**
 * Returns the position of a member's value in a JSON text, without parsing it: of the first member with this name at any
 * depth. Quotes inside texts are escaped: what looks like a name in one ends it, and no colon follows.
 * @param name the name with its quotes.
 * @returns -1 if there is none.
 */
function valueAt(json: string, name: string, from = 0): number {
  let at = json.indexOf(name, from);
  while (at >= 0) {
    const next = skipSpaces(json, at + name.length);
    if (json.charCodeAt(next) === COLON) return skipSpaces(json, next + 1);
    at = json.indexOf(name, at + name.length); // it was a value
  }
  return -1;
}

/** Tells whether what ends at a position is the name of a member. */
export function isMember(json: string, at: number): boolean {
  return json.charCodeAt(skipSpaces(json, at)) === COLON;
}

/** Tells whether a member has a value that begins with this character. */
export function hasValue(json: string, name: string, first: '{' | '"'): boolean {
  const at = valueAt(json, name);
  return at >= 0 && json[at] === first;
}

/** Counts the characters of a member that is a text; 0 if there is none. */
export function textLength(json: string, name: string): number {
  const start = textStart(json, name);
  return start < 0 ? 0 : lengthFrom(json, start);
}

/** Returns the position of a member's text, behind its opening quote; -1 if it is no text. */
export function textStart(json: string, name: string): number {
  const at = valueAt(json, name);
  return at >= 0 && json.charCodeAt(at) === QUOTE ? at + 1 : -1;
}

/** Counts the characters of all members with this name that are texts. */
export function textLengths(json: string, name: string): number {
  let count = 0;
  for (let at = valueAt(json, name); at >= 0; at = valueAt(json, name, at))
    if (json.charCodeAt(at) === QUOTE) count += lengthFrom(json, at + 1);
  return count;
}

/** Counts the characters of a text that begins at a position. */
export function lengthFrom(json: string, start: number): number {
  const text = json.slice(start, closingQuote(json, start));
  let count = characters(text);
  for (let at = text.indexOf('\\'); at >= 0;) {
    const further = text.charCodeAt(at + 1) === LETTER_U ? 5 : 1; // of one character
    count -= Math.min(further, text.length - at - 1);
    at = text.indexOf('\\', at + 1 + further);
  }
  return count;
}

/** Returns the position of the quote that ends a text, or the end of what is there. */
export function closingQuote(json: string, start: number): number {
  for (let at = json.indexOf('"', start); at >= 0; at = json.indexOf('"', at + 1)) {
    let first = at;
    while (first > start && json.charCodeAt(first - 1) === BACKSLASH) first--;
    if ((at - first) % 2 === 0) return at;
  }
  return json.length;
}

/** Counts the characters whose bytes in UTF-8 are those of a text. */
function characters(text: string): number {
  let count = 0;
  if (text.length <= SHORT) {
    for (let at = 0; at < text.length; at++) if (!isFurtherByte(text.charCodeAt(at))) count++;
    return count;
  }
  for (let at = 0; at < text.length; at += SCRATCH.length) {
    const piece = SCRATCH.subarray(0, SCRATCH.write(text.slice(at, at + SCRATCH.length), 'latin1'));
    count += isAscii(piece)
      ? piece.length
      : piece.reduce((sum, code) => sum + (isFurtherByte(code) ? 0 : 1), 0);
  }
  return count;
}

/** Copies a text whose characters are bytes, into memory of its own. */
export function copyOf(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

/** Tells whether a byte is a further one of the same character. */
function isFurtherByte(code: number): boolean {
  return code >= 0x80 && code < 0xc0;
}

/** Returns the position of what comes at or behind another one and is no space. */
export function skipSpaces(json: string, at: number): number {
  while (json.charCodeAt(at) === SPACE) at++;
  return at;
}

/** Returns the type of an event that names it in its first member alone; empty if it does not. */
export function typeOf(data: string): string {
  return /^\s*\{\s*"type"\s*:\s*"([^"\\]*)"/.exec(data)?.[1] ?? '';
}

/** A floor for the output tokens of a text: four characters are one token. */
export function tokenFloor(characters: number): number {
  return Math.floor(characters / 4);
}
