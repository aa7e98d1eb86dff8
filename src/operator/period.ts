import { Command, InvalidArgumentError } from 'commander';
import { isDay } from '../config/calendar-day';

/** A period of days (UTC), both included. */
export interface DaysPeriod {
  readonly from: string;
  readonly to: string;
}

/** Adds the options that name a period to a command. */
export function withPeriod(command: Command): Command {
  return command
    .requiredOption('--from <day>', 'the first day (UTC), as 2026-11-01', day)
    .requiredOption('--to <day>', 'the last day, included', day);
}

/** Ends the command with a usage error for a period that ends before it begins. @throws CommanderError */
export function checkPeriod({ from, to }: DaysPeriod, command: Command): void {
  if (from > to) command.error('error: --from must not be after --to.');
}

function day(text: string): string {
  if (!isDay(text)) throw new InvalidArgumentError('It is a day in the form 2026-11-28.');
  return text;
}
