export interface Column {
  readonly title: string;
  /** The maximum width in terminal columns; wider cells are truncated. */
  readonly max: number;
  /** Whether the cells are numbers, which stand below each other by their last digit. */
  readonly isNumber?: boolean;
}

const GAP = '  ';
/** Matches characters that terminals show two columns wide: East Asian letters and emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u;

/** Formats a table as lines, the titles first. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const cells = [columns.map(({ title }) => title), ...rows].map((row) =>
    columns.map(({ max }, at) => cut(row[at] ?? '', max)),
  );
  const widths = columns.map((_, at) => Math.max(...cells.map((row) => widthOf(row[at] ?? ''))));
  return cells.map((row) =>
    row
      .map((cell, at) => {
        const space = ' '.repeat((widths[at] ?? 0) - widthOf(cell));
        return columns[at]?.isNumber === true ? space + cell : cell + space;
      })
      .join(GAP)
      .trimEnd(),
  );
}

/** Returns the width of a text in terminal columns. */
export function widthOf(text: string): number {
  return [...text].reduce((sum, letter) => sum + (/\p{M}/u.test(letter) ? 0 : WIDE.test(letter) ? 2 : 1), 0);
}

function cut(text: string, max: number): string {
  if (widthOf(text) <= max) return text;
  let kept = '';
  for (const letter of text) {
    if (widthOf(kept + letter) > max - 1) break;
    kept += letter;
  }
  return `${kept}…`;
}
