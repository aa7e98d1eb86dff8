import { Command } from 'commander';
import { examples } from './examples';
import { Io } from './io';

/** What a person has typed behind `tracevault usage`. */
export interface UsageOptions extends PeriodOptions {
  readonly by?: string;
  readonly org?: string;
  readonly json?: boolean;
}

/** The options that say which days. */
export interface PeriodOptions {
  readonly month?: string;
  readonly from?: string;
  readonly to?: string;
  readonly timeZone?: string;
}

/** What a person has typed behind `tracevault calls`. */
export interface CallsOptions extends PeriodOptions {
  readonly limit?: string;
  readonly model?: string;
  readonly provider?: string;
  readonly outcome?: string;
  readonly usage?: string;
  readonly token?: string;
  readonly session?: string;
  readonly org?: string;
  readonly json?: boolean;
}

/** Adds `tracevault usage`. */
export function buildUsage(io: Io, program: Command): void {
  const usage = program
    .command('usage')
    .description('What your calls used and cost')
    .option(
      '-b, --by <groups>',
      'up to two of day, hour, model, provider, token, session, client and, of an organization, person (default: model)',
    );
  withPeriod(usage)
    .option('--org <name>', 'of an organization: all of it for owners, admins and auditors, else your part')
    .option('--json', 'as JSON, with exact amounts')
    .addHelpText(
      'after',
      examples(
        'tracevault usage',
        'tracevault usage --by day,model --month 2026-11',
        'tracevault usage --by person --org acme',
        'tracevault usage --from 2026-11-01 --to 2026-11-07 --json',
      ),
    )
    .action(async (options: UsageOptions) => (await import('./usage.js')).printUsage(io, options));
}

/** Adds `tracevault calls`. */
export function buildCalls(io: Io, program: Command): void {
  const calls = program
    .command('calls')
    .description('List your calls, the newest first, or explain what one of them cost')
    .argument('[id]', 'a call, by the request id of the proxy: its cost line by line')
    .option('-n, --limit <number>', 'how many at most, up to 200 (default: 20)');
  withPeriod(calls)
    .option('--model <name>', 'of this model')
    .option('-p, --provider <id>', 'of this provider')
    .option('--outcome <word>', 'with this outcome, for example client_aborted')
    .option('--usage <state>', 'measured, estimated, unreadable or none')
    .option('--token <token>', 'with this proxy token of yours: its name or id')
    .option('--session <id>', "of this agent's session")
    .option('--org <name>', 'of an organization: all of it for owners, admins and auditors, else your part')
    .option('--json', 'as JSON, with all fields')
    .addHelpText(
      'after',
      examples(
        'tracevault calls',
        'tracevault calls --model claude-sonnet-5-5 --month 2026-11',
        'tracevault calls --usage estimated --limit 200',
        'tracevault calls req_tv_0123456789abcdef01234567',
      ),
    )
    .action(async (id: string | undefined, options: CallsOptions) => {
      if (id === undefined) await (await import('./calls.js')).listCalls(io, options);
      else await (await import('./call-details.js')).explainCall(io, id, options);
    });
}

function withPeriod(command: Command): Command {
  return command
    .option('-m, --month <month>', 'a month, for example 2026-11')
    .option('--from <day>', 'from this day on (default: 30 days before --to)')
    .option('--to <day>', 'up to this day, included (default: today)')
    .option(
      '--time-zone <name>',
      "the time zone of the days, for example Europe/Berlin (default: this machine's)",
    );
}
