import { INestApplicationContext } from '@nestjs/common';
import { Command, InvalidArgumentError, Option } from 'commander';
import { DataSource } from 'typeorm';
import { Io } from '../cli/io';
import { sanitized } from '../cli/terminal';
import { daysOf, machineZone } from '../cli/usage-period';
import { remarksOn, usageTable } from '../cli/usage-table';
import { isDay } from '../config/calendar-day';
import { dayAfter, isTimeZone, today } from '../metering/days';
import { shownSums } from '../metering/shown-sums';
import { OPERATOR_GROUPS, UsageGroup } from '../metering/usage-groups';
import { Period, UsageService } from '../metering/usage.service';
import { AddCommand, print } from './command';

interface Options {
  readonly by: UsageGroup[];
  readonly month?: { readonly from: string; readonly to: string };
  readonly from?: string;
  readonly to?: string;
  readonly timeZone: string;
  readonly json?: true;
}

/** The tables that have the names of keys, by group. */
const NAMES: Partial<Record<UsageGroup, string>> = {
  person: 'SELECT "id", "email" AS "name" FROM "users" WHERE "id" = ANY($1)',
  org: 'SELECT "id", "name" FROM "orgs" WHERE "id" = ANY($1)',
};

export const addUsage: AddCommand = (program, onServer) => {
  const usage = program
    .command('usage')
    .description('what the calls of all persons and organizations used and cost')
    .addOption(
      new Option('--by <groups>', `up to two of ${OPERATOR_GROUPS.join(', ')}`)
        .argParser(groupsTyped)
        .default(['org'], 'org'),
    )
    .addOption(
      new Option('--month <month>', 'a month, for example 2026-11')
        .argParser(monthTyped)
        .conflicts(['from', 'to']),
    )
    .addOption(
      new Option('--from <day>', 'from this day on (default: 30 days before --to)').argParser(dayTyped),
    )
    .addOption(new Option('--to <day>', 'up to this day, included (default: today)').argParser(dayTyped))
    .addOption(
      new Option('--time-zone <name>', 'the time zone of the days')
        .argParser(zoneTyped)
        .default(machineZone(), "this machine's"),
    )
    .option('--json', 'as JSON, with exact amounts')
    .action((options: Options, command: Command) => {
      const period = periodOf(options);
      if (period.from > period.to) command.error('error: --from must not be after --to');
      return onServer((context, io) => printUsage(context, io, period, options));
    });
  usage.addHelpText(
    'after',
    '\nCalls that are still in the spool of a server that was killed are not in it.',
  );
};

async function printUsage(
  context: INestApplicationContext,
  io: Io,
  period: Period,
  { by, json }: Options,
): Promise<number> {
  const { total, groups } = await context.get(UsageService).sums({}, period, by);
  const nameOf = await namesOf(context.get(DataSource), by, groups);
  const named = groups.map(({ keys, ...sums }) => ({
    keys,
    names: by.map((group, at) => nameOf(group, keys[at] ?? null)),
    sums: shownSums(sums),
  }));
  if (json === true) {
    const { from, to, timeZone: time_zone } = period;
    const ofAll = named.map(({ keys, names, sums }) => ({
      key: Object.fromEntries(by.map((group, at) => [group, keys[at]])),
      names,
      ...sums,
    }));
    const answer = { from, to, time_zone, currency: 'USD', total: shownSums(total), groups: ofAll };
    print(io, JSON.stringify(answer, null, 2));
    return 0;
  }
  const days = `from ${period.from} to ${period.to} (${period.timeZone})`;
  if (total.calls === 0) {
    print(io, `There are no calls ${days}.`);
    return 0;
  }
  const dearestFirst = (one: (typeof named)[number], other: (typeof named)[number]): number =>
    Number(other.sums.cost_usd) - Number(one.sums.cost_usd);
  const ordered = by[0] === 'day' ? named : named.sort(dearestFirst);
  const rows = ordered.map(({ names, sums }) => ({ names: names.map(sanitized), sums }));
  print(io, usageTable(by, rows, shownSums(total)).join('\n'));
  for (const line of [`Calls ${days}.`, ...remarksOn(total)]) io.stderr.write(`${line}\n`);
  return 0;
}

/** Returns what the ids of persons and organizations stand for; those that were deleted have no name any more. */
async function namesOf(
  dataSource: DataSource,
  by: readonly UsageGroup[],
  groups: readonly { readonly keys: readonly (string | null)[] }[],
): Promise<(group: UsageGroup, key: string | null) => string> {
  const names = new Map<string, string>();
  for (const [at, group] of by.entries()) {
    const query = NAMES[group];
    if (query === undefined) continue;
    const ids = [...new Set(groups.map(({ keys }) => keys[at]))].filter((id) => typeof id === 'string');
    const rows = await dataSource.query<{ id: string; name: string }[]>(query, [ids]);
    for (const { id, name } of rows) names.set(id, name);
  }
  return (group, key) => {
    if (key === null) return 'none';
    return NAMES[group] === undefined ? key : (names.get(key) ?? `${key.slice(0, 8)} (deleted)`);
  };
}

function periodOf({ month, from, to, timeZone }: Options): Period {
  if (month !== undefined) return { ...month, timeZone };
  const now = today(timeZone);
  const last = to ?? (from !== undefined && from > now ? from : now);
  return { from: from ?? dayAfter(last, -29), to: last, timeZone };
}

function groupsTyped(typed: string): UsageGroup[] {
  const words = typed.split(',').map((word) => word.trim());
  const groups = OPERATOR_GROUPS.filter((group) => words.includes(group));
  if (words.length > 2 || groups.length !== words.length)
    throw new InvalidArgumentError(`It takes up to two of ${OPERATOR_GROUPS.join(', ')}.`);
  return groups.sort((one, other) => words.indexOf(one) - words.indexOf(other));
}

function monthTyped(typed: string): NonNullable<Options['month']> {
  const days = daysOf(typed);
  if (days === undefined || !isDay(days.from))
    throw new InvalidArgumentError('It takes a month in the form 2026-11.');
  return days;
}

function dayTyped(typed: string): string {
  if (!isDay(typed)) throw new InvalidArgumentError('It takes a day in the form 2026-11-28.');
  return typed;
}

function zoneTyped(typed: string): string {
  if (!isTimeZone(typed))
    throw new InvalidArgumentError('It takes the name of a time zone, as UTC or Europe/Berlin.');
  return typed;
}
