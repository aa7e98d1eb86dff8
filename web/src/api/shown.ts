/** Matches control, format (direction marks too), private-use and unassigned characters and line separators, as the server does. */
const HIDDEN = /[\p{C}\p{Zl}\p{Zp}]/gu;

/**
 * Sanitizes a response for display: replaces each character that is invisible, or changes how others are displayed, with `?`
 * in all its texts. The server no longer accepts such text, but may have stored some earlier.
 */
export function shown<T>(answer: T): T {
  if (typeof answer === 'string') return answer.replace(HIDDEN, '?') as T;
  if (Array.isArray(answer)) return answer.map(shown) as T;
  if (typeof answer !== 'object' || answer === null) return answer;
  return Object.fromEntries(Object.entries(answer).map(([name, value]) => [name, shown(value)])) as T;
}
