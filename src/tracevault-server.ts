#!/usr/bin/env node
import { NestFactory } from '@nestjs/core';
import { Command } from 'commander';
import { setDefaultAutoSelectFamilyAttemptTimeout } from 'node:net';
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

// For each address of the database's name but the last, in milliseconds, as in the server.
setDefaultAutoSelectFamilyAttemptTimeout(2_500);

/** What an operator does to a server's data, with the server's own environment: variables, database and keys. */
const COMMANDS: readonly AddCommand[] = [
  addCheckKeys,
  addRotateKeys,
  addExport,
  addImport,
  addAccountCommands,
];

const program = new Command('tracevault-server')
  .description('Runs TraceVault, and what its operator needs. Reads the same variables as the server.')
  .version(version(), '-v, --version')
  .showHelpAfterError('(tracevault-server --help tells more)')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));

program
  .command('start')
  .description('run the server')
  .action(async () => {
    await import('./main.js');
  });

for (const add of COMMANDS) add(program, onServer);

/** Opens the database and the keys as the server does, does the work, and exits with what it returns. */
async function onServer(work: Work): Promise<void> {
  const config = loadConfig(process.env);
  const logger = createLogger('fatal', { write: () => undefined }); // the command says it in its own words
  const context = await NestFactory.createApplicationContext(OperatorModule.with(config, logger), {
    logger: false,
    abortOnError: false,
  });
  try {
    process.exitCode = await work(context);
  } finally {
    await context.close();
  }
}

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`${startFailure(error)}\n`);
  process.exit(1);
});
