/** Controls, formats and marks of direction, private and unassigned characters, separators of lines: as the server has it. */
const HIDDEN = /[\p{C}\p{Zl}\p{Zp}]/gu;

/**
 * An answer fit to be shown: in all its texts a `?` for each character that nobody sees or that changes how others are
 * shown. The server takes no such text any more, and may have some from before.
 */
export function shown<T>(answer: T): T {
  if (typeof answer === 'string') return answer.replace(HIDDEN, '?') as T;
  if (Array.isArray(answer)) return answer.map(shown) as T;
  if (typeof answer !== 'object' || answer === null) return answer;
  return Object.fromEntries(Object.entries(answer).map(([name, value]) => [name, shown(value)])) as T;
}
