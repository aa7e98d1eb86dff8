import { dollars, whole } from './amounts';
import { Io } from './io';
import { MyLimit } from './my-limits';
import { Column, table } from './table';
import { asDate, print, sanitized, say } from './terminal';

const SHORT_ID = 8;

const COLUMNS: readonly Column[] = [
  { title: 'LIMITS OF', max: 11 },
  { title: 'FOR', max: 14 },
  { title: 'LIMIT', max: 19 },
  ...['SPENT', 'RESERVED', 'LEFT'].map((title) => ({ title, max: 11, isNumber: true })),
  { title: 'AGAIN (UTC)', max: 11 },
];

/** Prints limits below what a command is for, and warns of those that are spent or soon will be. */
export function printLimits(io: Io, limits: readonly MyLimit[]): void {
  if (limits.length > 0) print(io, ['', ...limitLines(limits)].join('\n'));
  warnOfLimits(io, limits);
}

export function warnOfLimits(io: Io, limits: readonly MyLimit[]): void {
  for (const line of limitWarnings(limits)) say(io, `Warning: ${line}`);
}

/** Formats limits as a table of at most 100 terminal columns, with a line below it for each that is not of money. */
function limitLines(limits: readonly MyLimit[]): string[] {
  const ofMoney = limits.filter(isOfMoney);
  const rows = ofMoney.map((limit) => [
    sanitized(limit.org),
    forWhom(limit),
    limit.amount_usd === null ? 'none' : amountOf(limit),
    dollars(limit.spent_usd ?? '0'),
    dollars(limit.reserved_usd ?? '0'),
    leftOf(limit),
    limit.resets_at === null ? '' : asDate(limit.resets_at).slice(0, 10),
  ]);
  return [
    ...(rows.length === 0 ? [] : table(COLUMNS, rows)),
    ...limits.flatMap((limit) => (isOfMoney(limit) ? [] : [othersLine(limit)])),
  ];
}

/** Returns what to warn of: limits of money that block, are spent or soon will be, each with what to do. */
function limitWarnings(limits: readonly MyLimit[]): string[] {
  return limits.filter(isOfMoney).flatMap((limit) => {
    const org = sanitized(limit.org);
    const ask = `Ask an owner or admin of ${org}.`;
    if (isBlocking(limit)) return [`${whose(limit)} blocks every call that costs something. ${ask}`];
    const { warning_percent: percent, resets_at } = limit;
    if (percent === null) return [];
    const which = `${whose(limit)} of ${amountOf(limit)}`;
    const again = resets_at === null ? 'later' : asDate(resets_at);
    if (percent >= 100)
      return [`${which} is spent. Calls that cost something are refused until ${again}. ${ask}`];
    return [
      `At least ${percent} % of ${which} is spent. Calls that may cost more than what is left (${leftOf(limit)}) are refused until ${again}.`,
    ];
  });
}

function isOfMoney({ period }: MyLimit): boolean {
  return period !== null;
}

function isBlocking({ amount_usd }: MyLimit): boolean {
  return amount_usd !== null && Number(amount_usd) === 0;
}

function amountOf({ amount_usd, period }: MyLimit): string {
  return `${dollars(amount_usd ?? '0')} a ${sanitized(period ?? '')}`;
}

function leftOf(limit: MyLimit): string {
  if (isBlocking(limit)) return 'blocked';
  return limit.left_usd === null ? 'unlimited' : dollars(limit.left_usd);
}

function forWhom({ scope, subject_id }: MyLimit): string {
  switch (scope) {
    case 'organization':
      return 'all together';
    case 'token':
      return `token ${sanitized(subject_id ?? '').slice(0, SHORT_ID)}`;
    default:
      return 'you';
  }
}

function whose({ scope, subject_id, org }: MyLimit): string {
  switch (scope) {
    case 'organization':
      return `the limit of all together in ${sanitized(org)}`;
    case 'token':
      return `the limit of the proxy token ${sanitized(subject_id ?? '').slice(0, SHORT_ID)} in ${sanitized(org)}`;
    default:
      return `your limit in ${sanitized(org)}`;
  }
}

/** Describes a limit on rates or models. */
function othersLine(limit: MyLimit): string {
  const { per_minute, allow } = limit;
  const { requests, tokens } = per_minute ?? {};
  const rates = [
    ...(typeof requests === 'number' ? [`${whole(requests)} requests`] : []),
    ...(typeof tokens === 'number' ? [`${whole(tokens)} tokens`] : []),
  ];
  const what = [
    ...(rates.length > 0 ? [`at most ${rates.join(' and ')} a minute`] : []),
    ...(allow === null ? [] : [`only the models ${allow.map(sanitized).join(', ')}`]),
  ];
  return `${sanitized(limit.org)}, ${forWhom(limit)}: ${what.join('; ')}`;
}
