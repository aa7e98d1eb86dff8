import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { LoadAnswer, LoadRequest, LoadResult } from './job';
import { cpuMicroseconds, residentBytes } from './process-facts';

const START_WITHIN_MS = 60_000;

const running = new Set<ChildProcess>();
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** A child process of the benchmark, killed when the benchmark exits. */
export class Child {
  private constructor(
    private readonly process: ChildProcess,
    /** Starts the same program again. */
    readonly again: () => Promise<Child>,
  ) {}

  /**
   * Starts a program and resolves when it is ready.
   * @param file the program for Node; it reports that it is ready by a message, or by responding at `readyAt`.
   * @throws Error when it exits or is not ready within a minute; its output is in `logFile`.
   */
  static async start(
    name: string,
    file: string,
    env: NodeJS.ProcessEnv,
    logFile: string,
    options: { args?: readonly string[]; readyAt?: string } = {},
  ): Promise<Child> {
    const { args = [], readyAt } = options;
    const log = openSync(logFile, 'a');
    const child = spawn(process.execPath, [file, ...args], {
      env: { PATH: process.env.PATH, NODE_ENV: 'production', ...env },
      stdio: ['ignore', log, log, 'ipc'],
    });
    running.add(child);
    child.once('exit', () => running.delete(child));
    const gone = once(child, 'exit').then(([code]) => {
      throw new Error(`${name} ended with ${String(code)} before it was ready. It said: ${logFile}`);
    });
    const late = new Promise<never>((_, reject) => {
      setTimeout(
        reject,
        START_WITHIN_MS,
        new Error(`${name} was not ready in time. It said: ${logFile}`),
      ).unref();
    });
    await Promise.race([readyAt === undefined ? once(child, 'message') : answers(readyAt), gone, late]);
    gone.catch(() => undefined);
    late.catch(() => undefined);
    return new Child(child, () => Child.start(name, file, env, logFile, options));
  }

  private get pid(): number {
    return this.process.pid ?? 0;
  }

  /** The CPU time that the process has used since its start, all threads included, in microseconds. */
  get cpuMicroseconds(): number {
    return cpuMicroseconds(this.pid);
  }

  get residentBytes(): number {
    return residentBytes(this.pid);
  }

  /** Sends a job to the load generator. @returns its result. @throws Error with the generator's error message. */
  async ask(request: LoadRequest): Promise<LoadResult> {
    const answered = once(this.process, 'message') as Promise<[LoadAnswer]>;
    this.process.send(request);
    const [answer] = await answered;
    if ('error' in answer) throw new Error(answer.error);
    return answer.result;
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null) return;
    const exited = once(this.process, 'exit');
    this.process.kill('SIGTERM');
    const kill = setTimeout(() => this.process.kill('SIGKILL'), 5_000);
    await exited;
    clearTimeout(kill);
  }
}

/** Resolves when the URL responds, with any status. */
async function answers(url: string): Promise<void> {
  for (;;) {
    try {
      await fetch(url);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
