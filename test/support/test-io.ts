import { PassThrough, Writable } from 'node:stream';
import { Io } from '../../src/cli/io';

/** A command's exit code and output. */
export interface Ran {
  /** The exit code, or the name of the signal that ended the process. */
  readonly code: number | string;
  readonly out: string;
  readonly err: string;
}

/** A command that runs in the test's process. */
type Command = (args: string[], io: Io) => Promise<number>;

export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  readonly stdin?: string | Buffer;
}

/** Runs a command in the test's process, without a terminal, and returns its output when it has ended. */
export async function runInProcess(
  command: Command,
  args: string[],
  { env, home, stdin }: Surroundings,
): Promise<Ran> {
  const [out, err] = [new Kept(), new Kept()];
  const input = new PassThrough();
  input.end(stdin);
  const code = await command(args, { stdin: input, stdout: out, stderr: err, env, home, cwd: home });
  return { code, out: out.text, err: err.text };
}

/** A stream that collects what is written to it. */
class Kept extends Writable {
  private readonly chunks: Buffer[] = [];

  get text(): string {
    return Buffer.concat(this.chunks).toString();
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.chunks.push(chunk);
    done();
  }
}
