import { ServerResponse } from 'node:http';
import type { Exchange } from './exchange';

const EXCHANGE = Symbol('exchange');
type Attached = ServerResponse & { [EXCHANGE]?: Exchange };

/** Attaches an exchange to its response; called once per response, when the exchange begins. */
export function attach(response: Attached, exchange: Exchange): void {
  response[EXCHANGE] = exchange;
}

/**
 * Returns the exchange that a response belongs to, for code that is given nothing but the response.
 * @throws Error when the response did not come through the HTTP adapter.
 */
export function exchangeOf(response: Attached): Exchange {
  const exchange = response[EXCHANGE];
  if (exchange === undefined) throw new Error('No exchange was begun for this response');
  return exchange;
}
