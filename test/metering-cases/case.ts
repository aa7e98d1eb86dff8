import { MeteredExchange } from '../support/metered-server';

/** The numbers of tokens of a row: uncached input, cache reads, cache writes for five minutes and for an hour, output. */
export type Tokens = readonly [input: number, read: number, write5m: number, write1h: number, output: number];

/** A line of a cost, computed by hand: what, of which model, how much of it, its rate, the factor, and the USD. */
export type Line = readonly [
  category: string,
  model: string,
  quantity: number,
  usdPerUnit: string | null,
  multiplier: string,
  usd: string,
];

/** A call as the ledger has to explain it. */
export interface Expected {
  readonly state: 'measured' | 'estimated' | 'unreadable' | 'none';
  readonly tokens: Tokens;
  /** The whole cost in USD; null where it is not known. */
  readonly usd: string | null;
  readonly lines: readonly Line[];
  /** Other columns of the row. */
  readonly more?: Readonly<Record<string, unknown>>;
}

/** A case of the contract: its number, the mistake of other gateways that it is about, the call and the right row. */
export interface MeteringCase {
  readonly number: number;
  readonly mistake: string;
  /** The form of the case, if it has several. */
  readonly as?: string;
  readonly exchange: MeteredExchange;
  readonly expected: Expected;
}

export const nameOf = ({ number, mistake, as }: MeteringCase): string =>
  `case ${number}${as === undefined ? '' : `, ${as}`}: ${mistake}`;
