import { INestApplicationContext } from '@nestjs/common';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { EntityManager } from 'typeorm';
import { Io } from '../cli/io';
import { DecryptionCheck, DecryptionCheckService } from '../credentials/decryption-check.service';
import { TransferError } from '../transfer/export-file';
import { ImportService } from '../transfer/import.service';
import { AddCommand, printError, print, rowsOf } from './command';
import { tablesInWords } from './export';
import { fileErrorOf } from './file-error';

interface Options {
  readonly dryRun?: boolean;
  readonly allowUnreadable?: boolean;
}

export const addImport: AddCommand = (program, onServer) => {
  program
    .command('import')
    .description('fill an empty database from an export: all of it, or nothing')
    .argument('<file>', 'what export has written; - for standard input')
    .option('--dry-run', 'try everything and keep nothing')
    .option(
      '--allow-unreadable',
      'also when stored keys do not open here; their owners will store theirs again',
    )
    .action((file: string, options: Options) =>
      onServer((context, io) => importFrom(context, io, file, options)),
    );
};

async function importFrom(
  context: INestApplicationContext,
  io: Io,
  file: string,
  options: Options,
): Promise<number> {
  const { dryRun = false, allowUnreadable = false } = options;
  let keys: DecryptionCheck | undefined;
  const check = async (transaction: EntityManager): Promise<void> => {
    keys = await context.get(DecryptionCheckService).checkAll(transaction);
    const problems = unreadableInWords(keys);
    if (problems.length > 0 && !allowUnreadable) throw new TransferError(problems.join('\n'));
  };
  let source: Readable | undefined;
  try {
    source = file === '-' ? io.stdin : (await open(resolve(io.cwd, file))).createReadStream();
    const rows = await context.get(ImportService).importFrom(source, { dryRun, check });
    const total = [...rows.values()].reduce((sum, count) => sum + count, 0);
    print(io, `${dryRun ? 'Would import' : 'Imported'} ${rowsOf(total)} (${tablesInWords(rows)}).`);
    if (keys !== undefined) {
      print(io, `Stored keys that open here, those of traces included: ${keys.opened}.`);
      unreadableInWords(keys).forEach((line) => print(io, line));
    }
    return 0;
  } catch (error) {
    const ofFile = fileErrorOf(error);
    if (!(error instanceof TransferError) && ofFile === undefined) throw error;
    const why = error instanceof TransferError ? error.message : `${file} ${ofFile ?? ''}.`;
    return printError(io, `Nothing was imported. ${why}`);
  } finally {
    source?.destroy(); // doesn't wait for a process that is still writing to it
  }
}

function unreadableInWords({ missing, damaged }: DecryptionCheck): string[] {
  const lines = [...missing].map(
    ([masterKeyId, rows]) =>
      `${rowsOf(rows)} of stored keys need master key ${masterKeyId}, which is not configured. ` +
      'Set TRACEVAULT_ENCRYPTION_KEY to the master key of the database that was exported, or add it to ' +
      'TRACEVAULT_ENCRYPTION_KEY_PREVIOUS. If it is lost, --allow-unreadable imports everything else, and the owners store their keys again.',
  );
  if (damaged > 0)
    lines.push(
      `${rowsOf(damaged)} of stored keys do not open and did not before: their owners have to store their keys again (--allow-unreadable imports all the same).`,
    );
  return lines;
}
