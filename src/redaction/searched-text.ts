/** The characters that tokens are made of, each set as an expression that finds the first character outside of it. */
const OUTSIDE = {
  alphanumeric: /[^A-Za-z0-9]/g,
  word: /[^A-Za-z0-9_]/g,
  dashed: /[^A-Za-z0-9_-]/g,
  dotted: /[^A-Za-z0-9_.-]/g,
} as const;
export type Characters = keyof typeof OUTSIDE;

interface Stretch {
  readonly start: number;
  readonly end: number;
}

/**
 * A text in which secrets are looked for: one character for each byte. What has been looked for is remembered, so that looking
 * from each of many places at the same far end takes no longer than looking once.
 */
export class SearchedText {
  private readonly runs = new Map<Characters, Stretch>();
  private readonly next = new Map<string, Stretch>();

  constructor(readonly text: string) {}

  /** Returns where the run of characters ends that begins at a position; the position itself if none is there. */
  runEnd(characters: Characters, at: number): number {
    const known = this.runs.get(characters);
    if (known !== undefined && at >= known.start && at <= known.end) return known.end;
    const outside = OUTSIDE[characters];
    outside.lastIndex = at;
    const end = outside.exec(this.text)?.index ?? this.text.length;
    this.runs.set(characters, { start: at, end });
    return end;
  }

  /** Returns where a word comes next, from a position on; Infinity if it does not. */
  indexOf(word: string, at: number): number {
    const known = this.next.get(word);
    if (known !== undefined && at >= known.start && at <= known.end) return known.end;
    const index = this.text.indexOf(word, at);
    const end = index < 0 ? Infinity : index;
    this.next.set(word, { start: at, end });
    return end;
  }

  /** Tells whether the character at a position is the end of an escape, as the `n` of `\n`. */
  endsEscape(at: number): boolean {
    return this.isEscaped(at) && /[bfnrtu]/.test(this.text[at] ?? '');
  }

  /** Returns a position, or where the escape ends that it is within: a mark that began there would leave half of it. */
  behindEscape(at: number): number {
    if (!this.isEscaped(at)) return at;
    return at + (this.text[at] === 'u' ? 5 : 1);
  }

  /** Tells whether a backslash that is none itself stands before a position. */
  private isEscaped(at: number): boolean {
    let backslashes = 0;
    while (this.text[at - 1 - backslashes] === '\\') backslashes += 1;
    return backslashes % 2 === 1;
  }

  /** Tells whether no letter and no digit stands before a position. The end of an escape is none. */
  isWordStart(at: number): boolean {
    const before = this.text.slice(Math.max(0, at - 6), at);
    return !/[A-Za-z0-9]$/.test(before) || /\\(?:[bfnrt]|u[0-9A-Fa-f]{4})$/.test(before);
  }
}
