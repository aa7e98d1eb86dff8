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
import { addRotateKeys } from './operator/rotate-keys';
import { OperatorModule } from './operator.module';
import { startFailure } from './server/start-failure';

/** What an operator does to a server's data, with the server's own environment: variables, database and keys. */
const COMMANDS: readonly AddCommand[] = [
  addCheckKeys,
  addRotateKeys,
  addExport,
  addImport,
  addAccountCommands,
];

/**
 * Runs one command line.
 * @returns the exit code: 0 done, 1 failed, 2 not understood.
 */
export async function run(args: string[], io: Io): Promise<number> {
  let code = 0;
  const program = build(io, async (work) => {
    code = await onServer(work, io);
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // commander has said why
    io.stderr.write(`${startFailure(error)}\n`);
    return 1;
  }
}

function build(io: Io, work: (work: Work) => Promise<void>): Command {
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
  for (const add of COMMANDS) add(program, work);
  return program;
}

/** Opens the database and the keys as the server does, and does the work. @returns the exit code. */
async function onServer(work: Work, io: Io): Promise<number> {
  const config = loadConfig(io.env);
  const logger = createLogger('fatal', { write: () => undefined }); // the command says it in its own words
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
  // For each address of the database's name but the last, in milliseconds, as in the server.
  setDefaultAutoSelectFamilyAttemptTimeout(2_500);
  void run(process.argv.slice(2), processIo()).then((code) => {
    process.exitCode = code;
    if (code !== 0) process.exit(); // a start that failed can leave something open
  });
}
