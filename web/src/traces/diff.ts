export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added';
  readonly text: string;
}

/** The maximum size of the table in which common lines are searched: lines of the one text times those of the other. */
const MAX_CELLS = 1_000_000;

/**
 * Compares two texts line by line. Between their common beginning and end, the lines that are in both are found as long as the
 * texts are not too long for that: else all of the one is removed there, and all of the other added.
 */
export function diffLines(before: string, after: string): DiffLine[] {
  const [a, b] = linesOf(before, after);
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1;
  return [
    ...marked('same', a.slice(0, head)),
    ...between(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...marked('same', a.slice(a.length - tail)),
  ];
}

/** Splits both texts. The line end at the end of both begins no line. */
function linesOf(before: string, after: string): [string[], string[]] {
  const isEnded = [before, after].every((text) => text === '' || text.endsWith('\n'));
  const split = (text: string) => {
    if (text === '') return [];
    return (isEnded ? text.slice(0, -1) : text).split('\n');
  };
  return [split(before), split(after)];
}

function marked(kind: DiffLine['kind'], lines: readonly string[]): DiffLine[] {
  return lines.map((text) => ({ kind, text }));
}

/** Compares lines by their longest common subsequence. */
function between(a: readonly string[], b: readonly string[]): DiffLine[] {
  if (a.length * b.length > MAX_CELLS) return [...marked('removed', a), ...marked('added', b)];
  const width = b.length + 1;
  /** For each place in both the length of the longest common subsequence of what comes from there on. */
  const common = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number) => common[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1)
      common[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [one, other] = [a[i], b[j]];
    if (one !== undefined && one === other) {
      lines.push({ kind: 'same', text: one });
      [i, j] = [i + 1, j + 1];
    } else if (one !== undefined && (other === undefined || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ kind: 'removed', text: one });
      i += 1;
    } else if (other !== undefined) {
      lines.push({ kind: 'added', text: other });
      j += 1;
    }
  }
  return lines;
}
