/**
 * Matches invisible characters and those that change how others are displayed: control and format characters, such as bidi
 * marks, private-use and unassigned characters, lone surrogates (all in category `C`), and line and paragraph separators.
 */
const HIDDEN = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** Tells whether a text contains no hidden characters, so that people see it as it is. New input must satisfy this. */
export function isDisplayable(text: string): boolean {
  return text.search(HIDDEN) === -1;
}

/** Replaces each hidden character with `?`, in texts from other sources and in those stored before this rule existed. */
export function displayable(text: string): string {
  return text.replace(HIDDEN, '?');
}
