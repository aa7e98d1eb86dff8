import { INestApplicationContext } from '@nestjs/common';
import { Command } from 'commander';
import { AuditService } from '../audit/audit.service';
import { Io } from '../cli/io';
import { table } from '../cli/table';
import { usdOf } from '../metering/decimal';
import { KeptReason, Repriced } from '../metering/repriced';
import { RepricingService } from '../metering/repricing.service';
import { AddCommand, print } from './command';
import { checkPeriod, DaysPeriod, withPeriod } from './period';

interface Options extends DaysPeriod {
  readonly dryRun?: boolean;
}

export const addReprice: AddCommand = (program, onServer) => {
  withPeriod(program.command('reprice'))
    .description(
      'compute the cost of stored calls again at the prices of their time, beside running servers; may be stopped and run again',
    )
    .option('--dry-run', 'say what would change and change nothing')
    .action((options: Options, command: Command) => {
      checkPeriod(options, command);
      return onServer((context, io) => reprice(context, io, options));
    });
};

async function reprice(context: INestApplicationContext, io: Io, options: Options): Promise<number> {
  const { from, to, dryRun = false } = options;
  const repriced = new Repriced();
  const onProgress = (calls: number): void => {
    if (io.stderr.isTTY) io.stderr.write(`\r${calls} calls`);
  };
  try {
    await context.get(RepricingService).reprice({ from, to, dryRun, onProgress }, repriced);
  } finally {
    // Also when it breaks off in the middle, since batches stand.
    if (!dryRun) await record(context, options, repriced);
  }
  if (io.stderr.isTTY) io.stderr.write('\n');
  for (const line of inWords(options, repriced)) print(io, line);
  return 0;
}

async function record(
  context: INestApplicationContext,
  { from, to }: DaysPeriod,
  { total: { calls, before, after } }: Repriced,
): Promise<void> {
  const details = { from, to, calls, before_usd: usdOf(before), after_usd: usdOf(after) };
  await context.get(AuditService).record({ action: 'calls_repriced', actor: 'operator', details });
}

function inWords({ from, to, dryRun = false }: Options, { total, changes, left }: Repriced): string[] {
  const columns = ['provider', 'model', 'calls', 'USD before', 'USD after', 'change'];
  const rows = changes.map(({ provider, model, calls, before, unpricedBefore, after }) => [
    provider,
    model,
    String(calls),
    `${usdOf(before)}${unpricedBefore === 0 ? '' : ` (${unpricedBefore} without a price)`}`,
    usdOf(after),
    usdOf(after - before),
  ]);
  return [
    ...(rows.length === 0
      ? []
      : table(
          columns.map((title) => ({ title, max: 60 })),
          rows,
        )),
    `${dryRun ? 'Would reprice' : 'Repriced'} ${callsOf(total.calls)} from ${from} to ${to} (UTC): ${usdOf(total.before)} USD before, ${usdOf(total.after)} USD after.` +
      (total.unpricedBefore === 0 ? '' : ` ${callsOf(total.unpricedBefore)} of them had no price.`),
    ...left.map(
      ({ provider, model, calls, reason }) =>
        `Left as they are: ${callsOf(calls)} of ${provider} ${model}: ${KEPT[reason]}.`,
    ),
  ];
}

/** Why calls were left as they are. */
const KEPT: Readonly<Record<KeptReason, string>> = {
  reported: 'the provider itself said what they cost',
  no_facts: 'they are from a version that did not keep what their price depends on',
  provider: 'this provider is not configured (TRACEVAULT_PROVIDERS), so its dialect is not known',
  model: 'the model has no price for their time (TRACEVAULT_PRICES can give it one)',
  service_tier: 'their service tier has no price (service_tiers in TRACEVAULT_PRICES)',
  speed: 'their speed has no price (fast in TRACEVAULT_PRICES)',
  region: 'their region has no price (regions in TRACEVAULT_PRICES)',
  web_search: 'their web searches have no price (web_search in TRACEVAULT_PRICES)',
  unreadable: 'their numbers are beyond what can be counted with',
};

function callsOf(count: number): string {
  return `${count} ${count === 1 ? 'call' : 'calls'}`;
}
