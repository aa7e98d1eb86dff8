import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

/**
 * Sets the variables that a file names, if there is such a file; what is set already wins. Unlike Node's own loader it
 * reads the byte order marks of Windows' editors and shells: there, the first line's variable would get another name.
 */
export function loadEnvFile(path = '.env', variables: NodeJS.ProcessEnv = process.env): void {
  for (const [name, value] of Object.entries(parseEnv(textOf(path)))) variables[name] ??= value;
}

function textOf(path: string): string {
  try {
    const bytes = readFileSync(path);
    return new TextDecoder(encodingOf(bytes)).decode(bytes); // which leaves the mark out
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
