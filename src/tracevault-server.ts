#!/usr/bin/env node
import { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Command, InvalidArgumentError } from 'commander';
import { loadConfig } from './config/env';
import { RotationService, Standing } from './credentials/rotation.service';
import { createLogger } from './logging/logger';
import { OperatorModule } from './operator.module';
import { startFailure } from './start-failure';

const LARGEST_BATCH = 10_000;

/** What an operator does to a server's data, with the server's own environment: variables, database and keys. */
const program = new Command('tracevault-server')
  .description('Runs TraceVault, and what its operator needs. Reads the same variables as the server.')
  .showHelpAfterError('(tracevault-server --help tells more)')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));

program
  .command('start')
  .description('run the server')
  .action(async () => {
    await import('./main.js');
  });

program
  .command('check-keys')
  .description(
    'say how many stored keys stand on which master key; exit 1 when one of those is not configured',
  )
  .option('--json', 'as JSON')
  .action(({ json = false }: { json?: boolean }) => withContext((context) => checkKeys(context, json)));

program
  .command('rotate-keys')
  .description(
    'move all stored keys to TRACEVAULT_ENCRYPTION_KEY, beside running servers; may be stopped and run again',
  )
  .option('--dry-run', 'try every row and change none')
  .option('--batch-size <rows>', 'rows that are read together', batchSize, 100)
  .action((options: { dryRun?: boolean; batchSize: number }) =>
    withContext((context) => rotateKeys(context, options.dryRun ?? false, options.batchSize)),
  );

async function checkKeys(context: INestApplicationContext, json: boolean): Promise<number> {
  const standings = await context.get(RotationService).standings();
  if (json) print(JSON.stringify(standings.map(({ keyId, rows, role }) => ({ key_id: keyId, rows, role }))));
  else for (const standing of standings) print(inWords(standing));
  return standings.some(({ role }) => role === 'missing') ? 1 : 0;
}

async function rotateKeys(
  context: INestApplicationContext,
  dryRun: boolean,
  batchSize: number,
): Promise<number> {
  const rotation = context.get(RotationService);
  const before = await rotation.standings();
  const total = before.filter(({ role }) => role !== 'current').reduce((sum, { rows }) => sum + rows, 0);
  const onProgress = (looked: number): void => {
    if (process.stderr.isTTY) process.stderr.write(`\r${looked} of ${Math.max(looked, total)} rows`);
  };
  const { rotated, overtaken, unreadable } = await rotation.rotate({ batchSize, dryRun, onProgress });
  if (process.stderr.isTTY) process.stderr.write('\n');

  print(`${dryRun ? 'Would rotate' : 'Rotated'} ${rowsOf(rotated)} to master key ${currentOf(before)}.`);
  if (overtaken > 0)
    print(`${rowsOf(overtaken)} changed in the same moment by their owners: they stand as those left them.`);
  for (const [keyId, rows] of unreadable) {
    print(
      `Not rotated: ${rowsOf(rows)} under master key ${keyId}. ` +
        (before.some((standing) => standing.keyId === keyId && standing.role === 'missing')
          ? 'Add that key to TRACEVAULT_ENCRYPTION_KEY_PREVIOUS and run this again, or have the owners store their keys anew.'
          : 'They are damaged: have their owners store their keys anew.'),
    );
  }
  if (!dryRun && unreadable.size === 0)
    print(
      'No stored key needs an older master key. Take TRACEVAULT_ENCRYPTION_KEY_PREVIOUS away when check-keys agrees.',
    );
  return unreadable.size === 0 ? 0 : 1;
}

function inWords({ keyId, rows, role }: Standing): string {
  return `${role.padEnd(8)}  ${keyId}  ${rowsOf(rows)}${role === 'missing' ? '  (not configured: their owners get an error)' : ''}`;
}

function currentOf(standings: readonly Standing[]): string {
  return standings.find(({ role }) => role === 'current')?.keyId ?? '';
}

function rowsOf(count: number): string {
  return `${count} ${count === 1 ? 'row' : 'rows'}`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function batchSize(text: string): number {
  const size = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (size < 1 || size > LARGEST_BATCH)
    throw new InvalidArgumentError(`It is a number, 1 to ${LARGEST_BATCH}.`);
  return size;
}

/** Opens the database and the keys as the server does, runs the command, and exits with what it returns. */
async function withContext(run: (context: INestApplicationContext) => Promise<number>): Promise<void> {
  const config = loadConfig(process.env);
  const logger = createLogger('fatal'); // the command says it in its own words
  const context = await NestFactory.createApplicationContext(OperatorModule.with(config, logger), {
    logger: false,
    abortOnError: false,
  });
  try {
    process.exitCode = await run(context);
  } finally {
    await context.close();
  }
}

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`${startFailure(error)}\n`);
  process.exit(1);
});
