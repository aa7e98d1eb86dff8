import { ServerResponse } from 'node:http';
import type { Exchange } from './exchange';

const EXCHANGE = Symbol('exchange');
type Attached = ServerResponse & { [EXCHANGE]?: Exchange };

/** Called once for each response, by whoever begins its exchange. */
export function attach(response: Attached, exchange: Exchange): void {
  response[EXCHANGE] = exchange;
}

/**
 * The exchange that a response belongs to, for those who are handed nothing else.
 * @throws Error when the response did not come through the HTTP adapter.
 */
export function exchangeOf(response: Attached): Exchange {
  const exchange = response[EXCHANGE];
  if (exchange === undefined) throw new Error('No exchange was begun for this response');
  return exchange;
}
