import { whole } from './amounts';
import { inputOf, isUnpriced } from './calls';
import { readLiveCredentials } from './credentials-file';
import { Io } from './io';
import { table } from './table';
import { print, printJson, sanitized, say } from './terminal';
import { AppliedPrice, Call, CallDetails, CostLine, fetchCall } from './usage-answers';
import { CallsOptions } from './usage-commands';
import { inZone, periodTyped } from './usage-period';

/** Prints one call and what it cost, line by line and exact. */
export async function explainCall(io: Io, id: string, options: CallsOptions): Promise<void> {
  const { time_zone } = periodTyped(options);
  const credentials = await readLiveCredentials(io);
  const call = await fetchCall(credentials, options.org, id);
  if (options.json === true) {
    printJson(io, call);
    return;
  }
  for (const [name, value] of factsOf(call, time_zone)) print(io, `${name.padEnd(8)}  ${sanitized(value)}`);
  if (call.cost.length > 0) print(io, `\n${costTable(call).join('\n')}`);
  for (const line of remarksOn(call)) say(io, line);
}

function factsOf(call: Call, timeZone: string): [name: string, value: string][] {
  const { requested_model: requested, model, status } = call;
  const asked = requested !== null && requested !== model ? `, ${requested} was requested` : '';
  const thinking = call.thinking_tokens > 0 ? `, ${whole(call.thinking_tokens)} of it thinking` : '';
  return [
    ['Call', call.id],
    ['At', `${inZone(call.at, timeZone)} ${timeZone}, for ${(call.ms / 1000).toFixed(1)} s`],
    ['To', `${call.provider}, ${call.endpoint}`],
    ['Model', `${model ?? 'none answered'}${asked}`],
    ['By', call.client ?? 'a client that did not say what it is'],
    ['Outcome', `${call.outcome}, ${status === null ? 'without an answer' : `answered with ${status}`}`],
    [
      'Tokens',
      `${whole(inputOf(call))} in, ${whole(call.output_tokens)} out${thinking} (${call.usage_state})`,
    ],
  ];
}

function costTable({ cost, cost_usd }: CallDetails): string[] {
  const columns = [
    { title: 'FOR', max: 16 },
    { title: 'MODEL', max: 28 },
    { title: 'NUMBER', max: 13, isNumber: true },
    { title: 'USD', max: 14, isNumber: true },
    { title: 'TIMES', max: 8, isNumber: true },
    { title: 'COST', max: 15, isNumber: true },
  ];
  const rows = cost.map((line) => [
    sanitized(line.category.replaceAll('_', ' ')),
    sanitized(line.model ?? ''),
    whole(line.quantity),
    rateOf(line),
    sanitized(line.multiplier),
    `$${line.cost_usd}`,
  ]);
  return table(columns, [...rows, ['total', '', '', '', '', cost_usd === null ? 'unknown' : `$${cost_usd}`]]);
}

function rateOf({ usd_per_unit: rate, category }: CostLine): string {
  if (rate === null) return '';
  return sanitized(`${rate} per ${category === 'web_search' ? '1K' : '1M'}`);
}

function remarksOn(call: CallDetails): string[] {
  if (call.usage_state === 'none') return ['There is no usage: nothing was billed for it.'];
  if (call.usage_state === 'unreadable')
    return ['Its usage could not be read: its tokens and its cost are not known.'];
  if (isUnpriced(call))
    return [
      'Its cost is not known: there is no price for a part of it. Whoever runs the server can add one (TRACEVAULT_PRICES).',
    ];
  return [
    ...(call.usage_state === 'estimated'
      ? ['It broke off, or a part of its usage is not known: the cost is at least that.']
      : []),
    ...(call.price_id === null
      ? ['The provider said the cost.']
      : [`The price is that of ${sanitized(call.price_id)}.`, ...originOf(call.price)]),
  ];
}

/** Returns since when a price applies and where it is from, as far as the server knows. */
function originOf(price: AppliedPrice | null | undefined): string[] {
  if (price === null || price === undefined) return [];
  const { from, source, checked, override } = price;
  if (source === null) return ['Where it is from is not known any more.'];
  const since = from === null ? 'It has no first day' : `It applies since ${from}`;
  const day = checked === null ? '' : `, compared with it on ${checked}`;
  const whose = override ? 'the operator’s own price, from' : 'from';
  return [sanitized(`${since}; it is ${whose} ${source}${day}.`)];
}
