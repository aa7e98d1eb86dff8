import { INestApplicationContext } from '@nestjs/common';
import { Io } from '../cli/io';
import { RotationService, MasterKeyUsage } from '../credentials/rotation.service';
import { AddCommand, print, rowsOf } from './command';

export const addCheckKeys: AddCommand = (program, onServer) => {
  program
    .command('check-keys')
    .description(
      'say how many stored keys stand on which master key; exit 1 when one of those is not configured',
    )
    .option('--json', 'as JSON')
    .action(({ json = false }: { json?: boolean }) =>
      onServer((context, io) => checkKeys(context, io, json)),
    );
};

async function checkKeys(context: INestApplicationContext, io: Io, json: boolean): Promise<number> {
  const masterKeyUsage = await context.get(RotationService).masterKeyUsage();
  if (json)
    print(
      io,
      JSON.stringify(
        masterKeyUsage.map(({ masterKeyId, rows, role }) => ({ master_key_id: masterKeyId, rows, role })),
      ),
    );
  else for (const usage of masterKeyUsage) print(io, inWords(usage));
  return masterKeyUsage.some(({ role }) => role === 'missing') ? 1 : 0;
}

function inWords({ masterKeyId, rows, role }: MasterKeyUsage): string {
  return `${role.padEnd(8)}  ${masterKeyId}  ${rowsOf(rows)}${role === 'missing' ? '  (not configured: their owners get an error)' : ''}`;
}
