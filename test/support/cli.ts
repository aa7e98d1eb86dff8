import { spawn } from 'node:child_process';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { run } from '../../src/cli/program';
import { emptyDirectory } from './database';
import { TestProcess } from './process';
import { Ran, runInProcess } from './test-io';

const BUILT = join(__dirname, '../../dist/src/cli/main.js');

interface Given {
  readonly env?: NodeJS.ProcessEnv;
  readonly stdin?: string;
}

/** Runs the command as one user on one machine, with its own home directory. */
export class Cli {
  private constructor(readonly home: string) {}

  static async inNewHome(): Promise<Cli> {
    return new Cli(await emptyDirectory());
  }

  get credentialsPath(): string {
    return join(this.home, '.config/tracevault/credentials.json');
  }

  /** Runs the command in the test's process, which is ten times as fast as a separate process. */
  async run(args: string[], { env, ...given }: Given = {}): Promise<Ran> {
    return runInProcess(run, args, { env: this.environment(env), home: this.home, ...given });
  }

  /** Starts the built command in its own process, for tests of process behaviour and signals. */
  start(args: string[], { env, stdin }: Given = {}): TestProcess {
    const child = spawn(process.execPath, [BUILT, ...args], { env: this.environment(env) });
    child.stdin.on('error', () => undefined); // the command may exit without reading its input
    child.stdin.end(stdin);
    return new TestProcess(child);
  }

  /** Starts the command under a pseudo-terminal; everything it shows, prompts and echo included, is in `output`. */
  onTerminal(args: string[], env: NodeJS.ProcessEnv = {}): TestProcess {
    const command = [process.execPath, BUILT, ...args];
    const script =
      process.platform === 'darwin'
        ? ['-q', '/dev/null', ...command]
        : ['-qfec', command.map((word) => `'${word}'`).join(' '), '/dev/null'];
    return new TestProcess(spawn('script', script, { env: this.environment({ TERM: 'xterm', ...env }) }));
  }

  async credentials(): Promise<Record<string, string>> {
    return JSON.parse(await readFile(this.credentialsPath, 'utf8')) as Record<string, string>;
  }

  async writeCredentials(credentials: unknown, mode = 0o600): Promise<void> {
    await mkdir(dirname(this.credentialsPath), { recursive: true, mode: 0o700 });
    await writeFile(
      this.credentialsPath,
      typeof credentials === 'string' ? credentials : JSON.stringify(credentials),
      {
        mode,
      },
    );
  }

  async modeOf(path: string): Promise<string> {
    return ((await stat(path)).mode & 0o777).toString(8);
  }

  private environment(env: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    return { PATH: process.env.PATH, HOME: this.home, ...env };
  }
}
