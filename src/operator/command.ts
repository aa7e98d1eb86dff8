import { INestApplicationContext } from '@nestjs/common';
import { Command } from 'commander';
import { Io } from '../cli/io';
import { displayable } from '../logging/display-text';

/** Does a command's work on the server's database and keys; what it returns is the exit code. */
export type Work = (context: INestApplicationContext, io: Io) => Promise<number>;

/**
 * Adds one command to `tracevault-server`. A command that needs the database or the keys hands its work to `onServer`,
 * which opens them as the server does and closes them after it. tracevault-server.ts lists the commands.
 */
export type AddCommand = (program: Command, onServer: (work: Work) => Promise<void>) => void;

export function print({ stdout }: Io, text: string): void {
  stdout.write(`${shown(text)}\n`);
}

/** To stderr. @returns the exit code of a command that could not do its work. */
export function printError({ stderr }: Io, text: string): 1 {
  stderr.write(`${shown(text)}\n`);
  return 1;
}

/** Names and emails in it come from people, and those in an export from whoever wrote the file. */
function shown(text: string): string {
  return text.split('\n').map(displayable).join('\n');
}

export function rowsOf(count: number): string {
  return `${count} ${count === 1 ? 'row' : 'rows'}`;
}
