import { INestApplicationContext } from '@nestjs/common';
import { resolve } from 'node:path';
import { Writable } from 'node:stream';
import { Io } from '../cli/io';
import { CONFIG, Config } from '../config/config';
import { masterKeyFile } from '../credentials/master-keys';
import { RotationService, MasterKeyUsage } from '../credentials/rotation.service';
import { createFile } from '../files/whole-file';
import { Exported, ExportService } from '../transfer/export.service';
import { AddCommand, printError, rowsOf } from './command';
import { fileErrorOf } from './file-error';

export const addExport: AddCommand = (program, onServer) => {
  program
    .command('export')
    .description('write everything in the database to a file, to be imported into another database')
    .argument('<file>', 'a new file; - for standard output')
    .action((file: string) =>
      onServer((context, io) => exportTo(context, io, file, program.version() ?? '')),
    );
};

async function exportTo(
  context: INestApplicationContext,
  io: Io,
  file: string,
  version: string,
): Promise<number> {
  const write = (out: Writable): Promise<Exported> => context.get(ExportService).exportTo(out, version);
  const say = (line: string): void => void (file === '-' ? io.stderr : io.stdout).write(`${line}\n`);
  let exported: Exported;
  try {
    exported =
      file === '-'
        ? await write(io.stdout)
        : await createFile(resolve(io.cwd, file), (out) =>
            write(out.createWriteStream({ autoClose: false })),
          );
  } catch (error) {
    const why = fileErrorOf(error);
    if (why === undefined) throw error;
    return printError(io, `Nothing was exported. ${file === '-' ? 'Standard output' : file} ${why}.`);
  }
  const total = [...exported.rows.values()].reduce((sum, rows) => sum + rows, 0);
  say(`Exported ${rowsOf(total)} (${tablesInWords(exported.rows)}), as they were at ${exported.at}.`);
  if (total === 0) say('The database is empty: was it this one? See DATABASE_URL and TRACEVAULT_DATA_DIR.');
  say('It holds emails, names and hashes of passwords: keep it from others. It holds no master key.');
  const masterKeyUsage = await context.get(RotationService).masterKeyUsage();
  const config = context.get<Config>(CONFIG);
  for (const line of masterKeysInWords(masterKeyUsage, config)) say(line);
  if ((exported.rows.get('trace_pieces') ?? 0) > 0)
    say(`The content of traces is not in it: ${carriedOver(config)}`);
  return 0;
}

/** Returns what is to be done with the packs of content. */
function carriedOver({ traces: { bucket, directory } }: Config): string {
  return bucket === undefined
    ? `copy ${directory} to the other data directory as well.`
    : `give the other server the same TRACEVAULT_TRACE_STORE, or copy ${bucket.url} as well.`;
}

/** Formats the number of rows per table: `users 3, orgs 1`. */
export function tablesInWords(rows: ReadonlyMap<string, number>): string {
  return [...rows].map(([table, count]) => `${table} ${count}`).join(', ');
}

/** Returns lines that say which master keys the other server needs besides the file, without showing a key. */
function masterKeysInWords(
  masterKeyUsage: readonly MasterKeyUsage[],
  { encryption, database }: Config,
): string[] {
  const inUse = masterKeyUsage.filter(({ rows }) => rows > 0);
  if (inUse.length === 0) return ['No key is stored, so no master key has to be carried over.'];
  return inUse.flatMap(({ masterKeyId, rows, role }) => {
    const who = `Stored keys stay encrypted: ${rowsOf(rows)} under master key ${masterKeyId}.`;
    switch (role) {
      case 'missing':
        return [`${who} That key is not configured: their owners will have to store their keys again.`];
      case 'previous':
        return [`${who} Carry TRACEVAULT_ENCRYPTION_KEY_PREVIOUS over as well, or run rotate-keys first.`];
      case 'current':
        if (encryption.currentKey !== undefined || database.kind !== 'embedded')
          return [`${who} Set TRACEVAULT_ENCRYPTION_KEY to the same value on the other server.`];
        return [
          `${who} Where this file is imported, set TRACEVAULT_ENCRYPTION_KEY to what ${masterKeyFile(database.dataDir)} holds. In a shell, without showing it:`,
          `  export TRACEVAULT_ENCRYPTION_KEY="$(cat ${inShell(masterKeyFile(database.dataDir))})"`,
        ];
    }
  });
}

/** Quotes a path for a POSIX shell. */
function inShell(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}
