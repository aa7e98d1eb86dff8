/**
 * What nobody sees and what changes how its neighbours are shown: controls, formats and marks of direction, private and
 * unassigned characters, halves of surrogate pairs (all of them `C`), and the separators of lines and paragraphs.
 */
const HIDDEN = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** Whether people see of a text all there is of it, as it is. What the server takes from now on is so. */
export function isDisplayable(text: string): boolean {
  return text.search(HIDDEN) === -1;
}

/** A text from elsewhere, or from a time of other rules, with a `?` for each character that is not to be shown. */
export function displayable(text: string): string {
  return text.replace(HIDDEN, '?');
}
