/** What a call of a tool changes in a file. */
export interface FileEdits {
  readonly path: string | null;
  readonly changes: readonly { readonly before: string; readonly after: string }[];
}

type Fields = Readonly<Record<string, unknown>>;

/** The names that tools give to a text and to what takes its place; a tool that writes a whole file has no text before. */
const PAIRS = [
  ['old_string', 'new_string'],
  ['old_str', 'new_str'],
  [undefined, 'content'],
  [undefined, 'file_text'],
] as const;

/**
 * Returns what a tool like Edit, MultiEdit or Write changes, as far as its input says.
 * @param input the JSON of the tool's input.
 */
export function fileEditsOf(input: string | null): FileEdits | undefined {
  const fields = parsed(input);
  if (fields === undefined) return undefined;
  const path = [fields.file_path, fields.path].find((one) => typeof one === 'string');
  const edits = Array.isArray(fields.edits) ? (fields.edits as unknown[]) : [fields];
  const changes = edits.map((edit) => (isFields(edit) ? changeOf(edit, path !== undefined) : undefined));
  const known = changes.filter((change) => change !== undefined);
  if (known.length === 0 || known.length < changes.length) return undefined;
  return { path: path ?? null, changes: known };
}

function changeOf(edit: Fields, hasPath: boolean): FileEdits['changes'][number] | undefined {
  for (const [from, to] of PAIRS) {
    const [before, after] = [from === undefined ? '' : edit[from], edit[to]];
    // Many a tool has a “content”: it is that of a file where there is the file's path.
    if (typeof before === 'string' && typeof after === 'string' && (from !== undefined || hasPath))
      return { before, after };
  }
  return undefined;
}

function parsed(input: string | null): Fields | undefined {
  try {
    const value: unknown = JSON.parse(input ?? '');
    return isFields(value) ? value : undefined;
  } catch {
    return undefined; // cut, or never complete: an answer that broke off
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
