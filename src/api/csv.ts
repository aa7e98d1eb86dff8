/** Matches what a spreadsheet takes for a formula, in the plain letters and in the wide ones of East Asian keyboards. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;
const NUMBER = /^-?\d+(?:\.\d+)?$/;

export type CsvCell = string | number | null;

/**
 * Formats a row of a CSV file (RFC 4180). A text that a spreadsheet would take for a formula gets an apostrophe in front:
 * names of models, sessions and clients are what anybody sent. Numbers, also negative ones, stay as they are.
 */
export function csvLine(cells: readonly CsvCell[]): string {
  return `${cells.map(cellOf).join(',')}\r\n`;
}

function cellOf(value: CsvCell): string {
  const text = String(value ?? '');
  const harmless = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
