import { credentialsUpTo } from '../config/credential-shapes';
import { Io } from './io';

/** Writes a line of data to stdout; messages go to stderr (say), so that scripts can read the data alone. */
export function print({ stdout }: Io, text: string): void {
  stdout.write(`${text}\n`);
}

export function say({ stderr }: Io, text: string): void {
  stderr.write(`${text}\n`);
}

export function printJson(io: Io, value: unknown): void {
  print(io, JSON.stringify(value, null, 2));
}

type Colour = 'green' | 'red' | 'dim';
const CODES: Record<Colour, number> = { green: 32, red: 31, dim: 2 };

/** Colours text if stdout is a terminal, unless NO_COLOR (no-color.org) or TERM=dumb is set. */
export function paint({ stdout, env }: Io, colour: Colour, text: string): string {
  const { NO_COLOR, TERM } = env;
  const plain = !stdout.isTTY || (NO_COLOR !== undefined && NO_COLOR !== '') || TERM === 'dumb';
  return plain ? text : `\u001b[${CODES[colour]}m${text}\u001b[0m`;
}

/** Makes untrusted text safe for a terminal: replaces control characters with `?`, and hides whatever looks like a secret. */
export function sanitized(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?').replace(SECRET, '[hidden]');
}

const SECRET = credentialsUpTo(`\\s'"`);

/** Formats an ISO 8601 time in UTC as `2026-12-23 09:30 UTC`. */
export function asDate(iso: string): string {
  return sanitized(`${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`);
}
