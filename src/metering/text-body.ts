/** The text of a response's body, which passes in pieces, whose bytes are Latin-1 characters. */
export interface TextBody {
  /** @param isAscii whether all of the piece is known to be in ASCII. */
  feed(text: string, isAscii: boolean): void;
  end(): void;
  /** Whether a part could not be read: what was read is then a floor at most. */
  readonly isDamaged: boolean;
}
