/** The words that somebody looks for: a thing has them if each is somewhere in one of its texts, whatever the case. */
export class SearchWords {
  private readonly words: readonly string[];

  /** @param said what was typed, with whitespace between the words. */
  constructor(said: string) {
    this.words = comparable(said).split(/\s+/).filter(Boolean);
  }

  areIn(texts: readonly (string | null | undefined)[]): boolean {
    const all = texts.map((text) => comparable(text ?? ''));
    return this.words.every((word) => all.some((text) => text.includes(word)));
  }
}

function comparable(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}
