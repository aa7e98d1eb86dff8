import { INestApplicationContext } from '@nestjs/common';
import { InvalidArgumentError } from 'commander';
import { AuditService } from '../audit/audit.service';
import { Io } from '../cli/io';
import { RotationService, MasterKeyUsage } from '../credentials/rotation.service';
import { AddCommand, print, rowsOf } from './command';

const MAX_BATCH = 10_000;

export const addRotateKeys: AddCommand = (program, onServer) => {
  program
    .command('rotate-keys')
    .description(
      'move all stored keys to TRACEVAULT_ENCRYPTION_KEY, beside running servers; may be stopped and run again',
    )
    .option('--dry-run', 'try every row and change none')
    .option('--batch-size <rows>', 'rows that are read together', batchSize, 100)
    .action((options: { dryRun?: boolean; batchSize: number }) =>
      onServer((context, io) => rotateKeys(context, io, options.dryRun ?? false, options.batchSize)),
    );
};

async function rotateKeys(
  context: INestApplicationContext,
  io: Io,
  dryRun: boolean,
  batchSize: number,
): Promise<number> {
  const rotation = context.get(RotationService);
  const before = await rotation.masterKeyUsage();
  const total = before.filter(({ role }) => role !== 'current').reduce((sum, { rows }) => sum + rows, 0);
  const onProgress = (looked: number): void => {
    if (io.stderr.isTTY) io.stderr.write(`\r${looked} of ${Math.max(looked, total)} rows`);
  };
  const { rotated, overtaken, unreadable } = await rotation.rotate({ batchSize, dryRun, onProgress });
  if (io.stderr.isTTY) io.stderr.write('\n');
  if (!dryRun) {
    const details = { master_key_id: currentOf(before), rotated };
    await context.get(AuditService).record({ action: 'master_key_rotated', actor: 'operator', details });
  }

  print(io, `${dryRun ? 'Would rotate' : 'Rotated'} ${rowsOf(rotated)} to master key ${currentOf(before)}.`);
  if (overtaken > 0)
    print(
      io,
      `${rowsOf(overtaken)} changed in the same moment by their owners: they stand as those left them.`,
    );
  for (const [masterKeyId, rows] of unreadable) {
    print(
      io,
      `Not rotated: ${rowsOf(rows)} under master key ${masterKeyId}. ` +
        (before.some((usage) => usage.masterKeyId === masterKeyId && usage.role === 'missing')
          ? 'Add that key to TRACEVAULT_ENCRYPTION_KEY_PREVIOUS and run this again, or have the owners store their keys again.'
          : 'They are damaged: have their owners store their keys again.'),
    );
  }
  if (!dryRun && unreadable.size === 0)
    print(
      io,
      'No stored key needs an older master key. Take TRACEVAULT_ENCRYPTION_KEY_PREVIOUS away when check-keys agrees.',
    );
  return unreadable.size === 0 ? 0 : 1;
}

function currentOf(masterKeyUsage: readonly MasterKeyUsage[]): string {
  return masterKeyUsage.find(({ role }) => role === 'current')?.masterKeyId ?? '';
}

function batchSize(text: string): number {
  const size = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (size < 1 || size > MAX_BATCH) throw new InvalidArgumentError(`It is a number, 1 to ${MAX_BATCH}.`);
  return size;
}
