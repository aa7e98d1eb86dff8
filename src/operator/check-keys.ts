import { INestApplicationContext } from '@nestjs/common';
import { Io } from '../cli/io';
import { RotationService, Standing } from '../credentials/rotation.service';
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
  const standings = await context.get(RotationService).standings();
  if (json)
    print(io, JSON.stringify(standings.map(({ keyId, rows, role }) => ({ key_id: keyId, rows, role }))));
  else for (const standing of standings) print(io, inWords(standing));
  return standings.some(({ role }) => role === 'missing') ? 1 : 0;
}

function inWords({ keyId, rows, role }: Standing): string {
  return `${role.padEnd(8)}  ${keyId}  ${rowsOf(rows)}${role === 'missing' ? '  (not configured: their owners get an error)' : ''}`;
}
