import { homedir } from 'node:os';
import { ReadStream, WriteStream } from 'node:tty';
import { Readable, Writable } from 'node:stream';

/**
 * The environment of a command: its streams, variables and directories. It is passed as a parameter, so that tests can run
 * commands in their own process; the linter forbids `process.stdout` and the like in these rooms.
 */
export interface Io {
  readonly stdin: Readable & Partial<Pick<ReadStream, 'isTTY'>>;
  readonly stdout: Writable & Partial<Pick<WriteStream, 'isTTY' | 'columns'>>;
  readonly stderr: Writable & Partial<Pick<WriteStream, 'isTTY' | 'columns'>>;
  readonly env: NodeJS.ProcessEnv;
  /** The user's home directory. */
  readonly home: string;
  /** The directory that relative paths are resolved against. */
  readonly cwd: string;
}

/** Returns the environment of this process. */
export function processIo(): Io {
  const { stdin, stdout, stderr, env } = process;
  return { stdin, stdout, stderr, env, home: homedir(), cwd: process.cwd() };
}
