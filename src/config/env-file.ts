import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

/**
 * Sets the variables of a file, if it exists; variables that are already set take precedence. Unlike Node's own loader it
 * handles the byte order marks of Windows editors and shells, which would otherwise become part of the first variable's
 * name.
 */
export function loadEnvFile(path = '.env', variables: NodeJS.ProcessEnv = process.env): void {
  for (const [name, value] of Object.entries(parseEnv(textOf(path)))) variables[name] ??= value;
}

function textOf(path: string): string {
  try {
    const bytes = readFileSync(path);
    return new TextDecoder(encodingOf(bytes)).decode(bytes); // without the byte order mark
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  return 'utf-8';
}
