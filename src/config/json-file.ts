import { readFileSync } from 'node:fs';

/** Reads a JSON file of the operator's. @returns its content, or what is wrong with it, in words that follow "the file". */
export function readJsonFile(path: string): { readonly content: unknown } | { readonly problem: string } {
  try {
    return { content: JSON.parse(readFileSync(path, 'utf8')) as unknown };
  } catch (error) {
    if (error instanceof SyntaxError) return { problem: 'is not valid JSON' };
    return { problem: `can't be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})` };
  }
}

/** Tells whether a value is a JSON object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
