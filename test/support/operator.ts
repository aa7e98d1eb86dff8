import { run } from '../../src/tracevault-server';
import { emptyDirectory } from './database';
import { runBuilt, TestProcess } from './process';
import { Ran, runInProcess } from './test-io';

/** A command of `tracevault-server` in the tests' own process, with nothing but the given variables. */
export async function operate(args: string[], env: NodeJS.ProcessEnv, stdin?: string | Buffer): Promise<Ran> {
  return runInProcess(run, args, {
    env,
    home: await emptyDirectory(),
    ...(stdin !== undefined && { stdin }),
  });
}

/** The same of the built file, in a process of its own: for what a process has, and for what a signal ends. */
export function startOperator(args: string[], env: NodeJS.ProcessEnv, stdin?: string | Buffer): TestProcess {
  const command = runBuilt('src/tracevault-server.js', env, args, stdin === undefined ? 'ignore' : 'pipe');
  command.child.stdin?.on('error', () => undefined).end(stdin); // a refusal may come before all is read
  return command;
}

export async function spawnOperator(
  args: string[],
  env: NodeJS.ProcessEnv,
  stdin?: string | Buffer,
): Promise<Ran> {
  return startOperator(args, env, stdin).ran();
}
