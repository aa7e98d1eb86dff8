/** Matches control, format (direction marks too), private-use and unassigned characters and line separators, as the server does. */
const HIDDEN = /[\p{C}\p{Zl}\p{Zp}]/gu;
/**
 * Matches the same in texts of several lines, except line ends, tabs, the joiners of scripts and emoji, and what has no meaning to
 * a browser; and line ends of two characters.
 */
const HIDDEN_IN_LINES = /\r\n|(?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * Sanitizes a response for display: replaces each character that is invisible, or changes how others are displayed, with `?`
 * in all its texts. The server no longer accepts such text, but may have stored some earlier.
 */
export function shown<T>(answer: T): T {
  return withTexts(answer, (text) => text.replace(HIDDEN, '?'));
}

/**
 * Makes what somebody else has written harmless and readable: each character that is invisible, or changes how others are
 * displayed, becomes what terminals and pagers write for it, as in `^[[31m` and `<U+202E>`. Lines stay lines.
 */
export function legible<T>(answer: T): T {
  return withTexts(answer, (text) => text.replace(HIDDEN_IN_LINES, nameOf));
}

function nameOf(hidden: string): string {
  if (hidden === '\r\n') return '\n';
  const code = hidden.codePointAt(0) ?? 0;
  if (code < 0x20 || code === 0x7f) return `^${String.fromCharCode(code ^ 0x40)}`;
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}

function withTexts<T>(answer: T, change: (text: string) => string): T {
  if (typeof answer === 'string') return change(answer) as T;
  if (Array.isArray(answer)) return answer.map((one: unknown) => withTexts(one, change)) as T;
  if (typeof answer !== 'object' || answer === null) return answer;
  return Object.fromEntries(
    Object.entries(answer).map(([name, value]) => [name, withTexts(value as unknown, change)]),
  ) as T;
}
