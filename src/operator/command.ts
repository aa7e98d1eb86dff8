import { INestApplicationContext } from '@nestjs/common';
import { Command } from 'commander';
import { Io } from '../cli/io';
import { displayable } from '../logging/display-text';

/** Does a command's work with the server's database and keys, and returns the exit code. */
export type Work = (context: INestApplicationContext, io: Io) => Promise<number>;

/** Does a command's work without the server's database, and returns the exit code. */
type OfflineWork = (io: Io) => Promise<number>;

/**
 * Adds a command to `tracevault-server`. A command that needs the database or the keys passes its work to `onServer`, which
 * opens them as the server does and closes them afterwards; one that needs neither passes it to `offline`.
 * tracevault-server.ts lists the commands.
 */
export type AddCommand = (
  program: Command,
  onServer: (work: Work) => Promise<void>,
  offline: (work: OfflineWork) => Promise<void>,
) => void;

export function print({ stdout }: Io, text: string): void {
  stdout.write(`${shown(text)}\n`);
}

/** Prints an error to stderr and returns the exit code of a failed command. */
export function printError({ stderr }: Io, text: string): 1 {
  stderr.write(`${shown(text)}\n`);
  return 1;
}

/** Replaces hidden characters: names and emails in the text are user input, in an export even that of an unknown author. */
function shown(text: string): string {
  return text.split('\n').map(displayable).join('\n');
}

export function rowsOf(count: number): string {
  return `${count} ${count === 1 ? 'row' : 'rows'}`;
}
