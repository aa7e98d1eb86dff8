#!/usr/bin/env node
import { NestFactory } from '@nestjs/core';
import { Command, CommanderError } from 'commander';
import { setDefaultAutoSelectFamilyAttemptTimeout } from 'node:net';
import { commandOutput } from './cli/command-output';
import { Io, processIo } from './cli/io';
import { version } from './cli/version';
import { loadConfig } from './config/env';
import { createLogger } from './logging/logger';
import { addAccountCommands } from './operator/accounts';
import { addCheckKeys } from './operator/check-keys';
import { AddCommand, Work } from './operator/command';
import { addExport } from './operator/export';
import { addImport } from './operator/import';
import { addReconcile } from './operator/reconcile';
import { addReprice } from './operator/reprice';
import { addRotateKeys } from './operator/rotate-keys';
import { addSealCommands } from './operator/seals';
import { addUsage } from './operator/usage';
import { OperatorModule } from './operator.module';
import { startFailure } from './server/start-failure';

/** How a command does its work: on the server's database and keys, or without them. */
type Ways = Parameters<AddCommand> extends [Command, ...infer Rest] ? Rest : never;

/** The operator's commands. They use the server's environment: its variables, database and keys. */
const COMMANDS: readonly AddCommand[] = [
  addCheckKeys,
  addRotateKeys,
  addExport,
  addImport,
  addReprice,
  addReconcile,
  addAccountCommands,
  addUsage,
  addSealCommands,
];

/**
 * Runs one command line. Never throws.
 * @returns the exit code: 0 for success, 1 for a failed command, 2 for invalid usage; a command can have codes of its own.
 */
export async function run(args: string[], io: Io): Promise<number> {
  let code = 0;
  const program = build(
    io,
    async (work) => {
      code = await onServer(work, io);
    },
    async (work) => {
      code = await work(io);
    },
  );
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // commander has printed the reason
    io.stderr.write(`${startFailure(error)}\n`);
    return 1;
  }
}

function build(io: Io, ...ways: Ways): Command {
  const program = new Command('tracevault-server')
    .description('Runs TraceVault, and what its operator needs. Reads the same variables as the server.')
    .version(version(), '-v, --version')
    .showHelpAfterError('(tracevault-server --help tells more)')
    .exitOverride()
    .configureOutput(commandOutput(io));
  program
    .command('start')
    .description('run the server')
    .action(async () => {
      await import('./main.js');
    });
  for (const add of COMMANDS) add(program, ...ways);
  return program;
}

/**
 * Opens the database and the keys as the server does, does the work, and closes them.
 * @returns the exit code of the work.
 * @throws StartError when the configuration, the database or the keys can't be used.
 */
async function onServer(work: Work, io: Io): Promise<number> {
  const config = loadConfig(io.env);
  const logger = createLogger('fatal', { write: () => undefined }); // the command prints its own messages
  const context = await NestFactory.createApplicationContext(OperatorModule.with(config, logger), {
    logger: false,
    abortOnError: false,
  });
  try {
    return await work(context, io);
  } finally {
    await context.close();
  }
}

if (require.main === module) {
  // The timeout for connecting to each address of the database's host name but the last, in milliseconds, as in main.ts.
  setDefaultAutoSelectFamilyAttemptTimeout(2_500);
  void run(process.argv.slice(2), processIo()).then((code) => {
    process.exitCode = code;
    if (code !== 0) process.exit(); // a failed start can leave handles open
  });
}
