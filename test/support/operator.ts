import { run } from '../../src/tracevault-server';
import { emptyDirectory } from './database';
import { runBuilt, TestProcess } from './process';
import { Ran, runInProcess } from './test-io';

/** Runs a `tracevault-server` command in the test's process, with only the given environment variables. */
export async function operate(args: string[], env: NodeJS.ProcessEnv, stdin?: string | Buffer): Promise<Ran> {
  return runInProcess(run, args, {
    env,
    home: await emptyDirectory(),
    ...(stdin !== undefined && { stdin }),
  });
}

/** Starts a built `tracevault-server` command in its own process, for tests of process behaviour and signals. */
export function startOperator(args: string[], env: NodeJS.ProcessEnv, stdin?: string | Buffer): TestProcess {
  const command = runBuilt('src/tracevault-server.js', env, args, stdin === undefined ? 'ignore' : 'pipe');
  command.child.stdin?.on('error', () => undefined).end(stdin); // the command may exit before it has read its input
  return command;
}

export async function spawnOperator(
  args: string[],
  env: NodeJS.ProcessEnv,
  stdin?: string | Buffer,
): Promise<Ran> {
  return startOperator(args, env, stdin).ran();
}
