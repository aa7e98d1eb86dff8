/** Tells whether a model is allowed by patterns, in which `*` stands for any text. Letter case does not matter. */
export function isModelAllowed(model: string, patterns: readonly string[]): boolean {
  const name = model.toLowerCase();
  return patterns.some((pattern) => matches(name, pattern.toLowerCase()));
}

/** Without a regular expression: patterns come from people, and some expressions take forever. */
function matches(name: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return name === pattern;
  if (!name.startsWith(first)) return false;
  const last = rest.pop() ?? '';
  let at = first.length;
  for (const piece of rest) {
    const found = name.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
