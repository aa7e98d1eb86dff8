/** The characters of an indented text for each of the compact one; what is nested deeper than that makes sense stays compact. */
const MAX_INDENTATION = 4;

interface Style {
  /** The spaces for each level; 0 for a text without line breaks. */
  readonly spaces: number;
  /** The name of the members that are left out, at any depth. */
  readonly without?: string;
}

interface OpenContainer {
  readonly value: object;
  /** The names of an object's members; undefined for an array. */
  readonly names: readonly string[] | undefined;
  readonly length: number;
  next: number;
}

/** A text of which the start may be all that is kept. */
export interface StartOfText {
  readonly text: string;
  /** The length of the whole text, in UTF-16 units. */
  readonly length: number;
}

/** Returns a parsed value as JSON in pieces. It does not call itself: `JSON.stringify` fails on what is nested too deep. */
export function* jsonPieces(root: unknown, { spaces, without }: Style): Generator<string> {
  const open: OpenContainer[] = [];
  const lineBreak = () => (spaces === 0 ? '' : `\n${' '.repeat(spaces * open.length)}`);
  for (let value = root; ;) {
    const container = containerOf(value, without);
    if (container === undefined) yield JSON.stringify(value);
    else {
      yield container.names === undefined ? '[' : '{';
      open.push(container);
    }
    let last = open.at(-1);
    while (last !== undefined && last.next === last.length) {
      open.pop();
      yield `${last.length > 0 ? lineBreak() : ''}${last.names === undefined ? ']' : '}'}`;
      last = open.at(-1);
    }
    if (last === undefined) return;
    const name = last.names?.[last.next];
    yield `${last.next > 0 ? ',' : ''}${lineBreak()}`;
    if (name !== undefined) yield `${JSON.stringify(name)}${spaces === 0 ? ':' : ': '}`;
    value = (last.value as Record<string | number, unknown>)[name ?? last.next];
    last.next++;
  }
}

/** Returns JSON for people, with two spaces a level unless that makes it many times as long. */
export function indentedJson(value: unknown, maxKept: number): StartOfText {
  const compact = startOf(jsonPieces(value, { spaces: 0 }), maxKept, Infinity);
  const longest = MAX_INDENTATION * compact.length;
  const indented = startOf(jsonPieces(value, { spaces: 2 }), maxKept, longest);
  return indented.length > longest ? compact : indented;
}

function containerOf(value: unknown, without: string | undefined): OpenContainer | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) return { value, names: undefined, length: value.length, next: 0 };
  const names = Object.keys(value).filter((name) => name !== without);
  return { value, names, length: names.length, next: 0 };
}

/** Puts pieces together until more is there than is kept, and counts the others; stops where the whole gets too long. */
function startOf(pieces: Iterable<string>, maxKept: number, maxLength: number): StartOfText {
  let text = '';
  let length = 0;
  for (const piece of pieces) {
    length += piece.length;
    if (length > maxLength) break;
    if (text.length <= maxKept) text += piece;
  }
  return { text, length };
}
