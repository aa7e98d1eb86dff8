import { homedir } from 'node:os';
import { ReadStream, WriteStream } from 'node:tty';
import { Readable, Writable } from 'node:stream';

/**
 * What a command line has of the world: its streams, its variables and its place. It is passed to whatever needs it, so that
 * a test can run a command in its own process; the linter keeps `process.stdout` and the like out of these rooms.
 */
export interface Io {
  readonly stdin: Readable & Partial<Pick<ReadStream, 'isTTY'>>;
  readonly stdout: Writable & Partial<Pick<WriteStream, 'isTTY' | 'columns'>>;
  readonly stderr: Writable & Partial<Pick<WriteStream, 'isTTY' | 'columns'>>;
  readonly env: NodeJS.ProcessEnv;
  /** The home directory of the person. */
  readonly home: string;
  /** Where relative paths begin. */
  readonly cwd: string;
}

/** This process's own. */
export function processIo(): Io {
  const { stdin, stdout, stderr, env } = process;
  return { stdin, stdout, stderr, env, home: homedir(), cwd: process.cwd() };
}
