import { createPublicKey, KeyObject } from 'node:crypto';
import { open, readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { INestApplicationContext } from '@nestjs/common';
import { Command } from 'commander';
import { Io } from '../cli/io';
import { createFile } from '../files/whole-file';
import { ChainCheck, CheckedChain } from '../seals/chain-check';
import { lineIn } from '../seals/seal-lines';
import { INSTALLATION_CHAIN } from '../seals/sealed-records';
import { SealVerificationService } from '../seals/seal-verification.service';
import { SealsService } from '../seals/seals.service';
import { AddCommand, print, printError } from './command';
import { ExportedBodies } from './exported-bodies';
import { fileErrorOf } from './file-error';

interface VerifyOptions {
  readonly file?: string;
  readonly keys?: string;
  readonly known?: string;
  readonly partial?: boolean;
  readonly bodies?: string;
}

/** A file that is not what it has to be. */
class FileContentError extends Error {
  override readonly name = 'FileContentError';
}

/** The maximum number of faults that are printed of a chain. */
const MAX_PRINTED = 50;

export const addSealCommands: AddCommand = (program, onServer, offline) => {
  program
    .command('verify-seals')
    .description(
      'check that no call and no audit event was changed, left out or made up, beside running servers; exit 1 if one was',
    )
    .option('--known <file>', 'seals that were kept elsewhere, which have to be there: an export, or a part')
    .option('--file <file>', 'check an export instead of the database; needs --keys')
    .option(
      '--keys <file>',
      'public keys, as GET /api/v1/seals/key returns them: those that count, of the database beside its own',
    )
    .option('--partial', 'the export holds a part of a chain, as that of a trace does')
    .option('--bodies <folder>', 'an unpacked raw export of a trace, whose bodies are compared; needs --file')
    .action(async (options: VerifyOptions, command: Command) => {
      const { file, keys, bodies } = options;
      if (bodies !== undefined && file === undefined)
        command.error('error: --bodies needs --file: the seals that came with them');
      if (file !== undefined && keys === undefined)
        command.error('error: --file needs --keys: an export does not say whose keys count');
      if (file !== undefined && keys !== undefined)
        await offline((io) => saying(io, () => verifyFile(io, file, keys, options)));
      else await onServer((context, io) => saying(io, () => verifyDatabase(context, io, options)));
    });
  program
    .command('export-seals')
    .description('write all chains of seals to a file, with what was recorded')
    .argument('<file>', 'a new file; - for standard output')
    .action((file: string) => onServer((context, io) => saying(io, () => exportSeals(context, io, file))));
};

/** Does work with files, and prints what is wrong with them. */
async function saying(io: Io, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof FileContentError) return printError(io, error.message);
    const why = fileErrorOf(error);
    if (why === undefined) throw error;
    return printError(io, `The file ${why}.`);
  }
}

async function exportSeals(context: INestApplicationContext, io: Io, file: string): Promise<number> {
  const lines = context.get(SealsService).chains();
  if (file === '-') await pipeline(lines, io.stdout, { end: false });
  else await createFile(resolve(io.cwd, file), (out) => writeFile(out, lines));
  return 0;
}

async function verifyFile(
  io: Io,
  file: string,
  keysFile: string,
  { known: knownFile, partial = false, bodies: folder }: VerifyOptions,
): Promise<number> {
  const [keys, known] = [await keysIn(io, keysFile), await knownIn(io, knownFile)];
  const check = new ChainCheck({ keys, known, isPartial: partial });
  const bodies = new ExportedBodies();
  for await (const line of linesIn(io, file)) {
    check.add(line);
    if (folder !== undefined && line.type === 'entry') bodies.add(line);
  }
  const faults = folder === undefined ? [] : await compareBodies(io, bodies, resolve(io.cwd, folder));
  return report(io, check.end(), faults);
}

/** Compares bodies, and prints which can't be: those that were redacted. @returns what is wrong with the others. */
async function compareBodies(io: Io, bodies: ExportedBodies, folder: string): Promise<readonly string[]> {
  const { same, redacted, unsealed, faults } = await bodies.compare(folder).catch((error: unknown) => {
    if (error instanceof SyntaxError) throw new FileContentError(`${folder} has no manifest of an export.`);
    throw error;
  });
  for (const file of redacted) print(io, `  redacted before it was kept: ${file}`);
  print(
    io,
    `${count(same, 'body', 'bodies')} as they passed, ${redacted.length} redacted, ${unsealed} without a seal`,
  );
  return faults;
}

async function verifyDatabase(
  context: INestApplicationContext,
  io: Io,
  options: VerifyOptions,
): Promise<number> {
  const known = await knownIn(io, options.known);
  const keys = options.keys === undefined ? new Map<string, KeyObject>() : await keysIn(io, options.keys);
  const { chains, faults, waiting, superseded, pastRetention } = await context
    .get(SealVerificationService)
    .verify(known, keys);
  const code = report(io, chains, faults);
  if (superseded > 0) print(io, `Sealed again, or to be, because they were repriced: ${superseded}.`);
  if (pastRetention > 0) print(io, `Past their retention, with their entry alone: ${pastRetention}.`);
  if (waiting > 0) print(io, `Not sealed yet: ${waiting}.`);
  return code;
}

/** Prints what was found. @returns the exit code. */
function report(io: Io, chains: readonly CheckedChain[], others: readonly string[]): number {
  for (const { chain, entries, withoutRecord, seals, sealedAt, faults } of chains) {
    const whose = chain === INSTALLATION_CHAIN ? 'what belongs to no organization' : `organization ${chain}`;
    const without = withoutRecord === 0 ? '' : `, ${withoutRecord} of them without their record`;
    const until = sealedAt === undefined ? '' : `, the last at ${sealedAt}`;
    print(
      io,
      `${whose}: ${count(entries, 'entry', 'entries')}${without}, ${count(seals, 'seal', 'seals')}${until}`,
    );
    printFaults(io, faults);
  }
  printFaults(io, others);
  const faults = chains.reduce((sum, chain) => sum + chain.faults.length, others.length);
  if (chains.length === 0 && faults === 0) print(io, 'There is no seal.');
  if (faults === 0) return 0;
  return printError(io, `${count(faults, 'fault', 'faults')}: what was recorded is not what is here.`);
}

function printFaults(io: Io, faults: readonly string[]): void {
  for (const fault of faults.slice(0, MAX_PRINTED)) print(io, `  FAULT  ${fault}`);
  if (faults.length > MAX_PRINTED) print(io, `  and ${faults.length - MAX_PRINTED} more`);
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}

async function knownIn(io: Io, file: string | undefined): Promise<string[]> {
  const texts: string[] = [];
  if (file === undefined) return texts;
  for await (const line of linesIn(io, file)) if (line.type === 'seal') texts.push(line.text);
  if (texts.length === 0) throw new FileContentError(`${file} holds no seal.`);
  return texts;
}

async function* linesIn(io: Io, file: string): AsyncGenerator<NonNullable<ReturnType<typeof lineIn>>> {
  const handle = await open(resolve(io.cwd, file));
  let number = 0;
  try {
    for await (const text of handle.readLines()) {
      number += 1;
      if (text === '') continue;
      const line = lineIn(text);
      if (line === undefined)
        throw new FileContentError(`Line ${number} of ${file} is no line of an export of seals.`);
      yield line;
    }
  } finally {
    await handle.close();
  }
}

async function keysIn(io: Io, file: string): Promise<Map<string, KeyObject>> {
  const text = await readFile(resolve(io.cwd, file), 'utf8');
  try {
    const { keys } = JSON.parse(text) as { keys: { id: string; public_key: string }[] };
    return new Map(keys.map(({ id, public_key }) => [id, createPublicKey(public_key)]));
  } catch {
    throw new FileContentError(`${file} is not what GET /api/v1/seals/key returns.`);
  }
}
