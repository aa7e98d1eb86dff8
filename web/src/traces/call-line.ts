import type { Dto } from '../api/client';
import { money } from '../ui/numbers';
import { exactTime } from '../ui/times';
import { duration, resultOf } from '../usage/call-words';

/** Says in one line what became of a call. */
export function callLine(call: Dto['TraceCallDto']): string {
  const { model, endpoint, ms, cost_usd, at } = call;
  const cost = cost_usd === null ? '' : ` · ${money(Number(cost_usd))}`;
  return `${model ?? endpoint} · ${resultOf(call)} · ${duration(ms)}${cost} · ${exactTime(at)}`;
}
