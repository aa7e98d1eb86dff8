import { INestApplicationContext } from '@nestjs/common';
import { Command, Option } from 'commander';
import { resolve } from 'node:path';
import { Io } from '../cli/io';
import { table } from '../cli/table';
import { CONFIG, Config } from '../config/config';
import { usdOf } from '../metering/decimal';
import { UsageService } from '../metering/usage.service';
import { readAdminKey } from './admin-key';
import { AdminReports } from './admin-reports';
import { AddCommand, print } from './command';
import { checkPeriod, DaysPeriod, withPeriod } from './period';
import { DailyUsage, Difference } from './provider-usage';

/** The exit code when the two differ; 1 and 2 are a failed command and invalid usage. */
const DIFFERENT = 3;
const ORIGINS = { anthropic: 'https://api.anthropic.com' } as const;

interface Options extends DaysPeriod {
  readonly provider: keyof typeof ORIGINS;
  readonly adminKeyFile: string;
}

export const addReconcile: AddCommand = (program, onServer) => {
  withPeriod(program.command('reconcile'))
    .description(
      'compare the ledger with what the provider reports, by day and model; exit 3 when they differ',
    )
    .addOption(
      new Option('--provider <id>', 'whose report').choices(Object.keys(ORIGINS)).makeOptionMandatory(),
    )
    .requiredOption('--admin-key-file <file>', 'a file with an Admin API key, which only you can read')
    .action((options: Options, command: Command) => {
      checkPeriod(options, command);
      return onServer((context, io) => reconcile(context, io, options));
    });
};

async function reconcile(context: INestApplicationContext, io: Io, options: Options): Promise<number> {
  const { provider, adminKeyFile, from, to } = options;
  const key = await readAdminKey(resolve(io.cwd, adminKeyFile));
  const { upstream } = context.get<Config>(CONFIG);
  const reports = new AdminReports(upstream.baseUrls[provider] ?? ORIGINS[provider], key);
  const there = DailyUsage.ofReports(await reports.usage(options), await reports.costs(options));
  const period = { from, to, timeZone: 'UTC' };
  const { groups } = await context.get(UsageService).sums({}, period, ['day', 'provider', 'model']);
  const differences = DailyUsage.ofLedger(groups, provider).differencesTo(there);
  for (const line of inWords(options, differences)) print(io, line);
  const unknown = groups
    .filter(({ keys }) => keys[1] === provider)
    .reduce((sum, { unpriced_calls, unreadable_calls }) => sum + unpriced_calls + unreadable_calls, 0);
  if (unknown > 0) print(io, `The ledger does not know the cost of ${unknown} of its calls.`);
  return differences.length === 0 ? 0 : DIFFERENT;
}

function inWords({ provider, from, to }: Options, differences: readonly Difference[]): string[] {
  if (differences.length === 0)
    return [`The ledger and ${provider} agree from ${from} to ${to} (UTC), on each day and model.`];
  const titles = ['day', 'model', 'what', 'ledger', provider, 'difference'];
  const rows = differences.map(({ day, model, what, here, there }) => {
    const shown = (amount: bigint): string => (what === 'cost' ? `${usdOf(amount)} USD` : String(amount));
    return [day, model, what, shown(here), shown(there), shown(here - there)];
  });
  return [
    ...table(
      titles.map((title) => ({ title, max: 60 })),
      rows,
    ),
    `The ledger and ${provider} differ from ${from} to ${to} (UTC). What does not pass the proxy is not in the ledger.`,
  ];
}
