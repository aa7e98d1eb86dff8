import { ProviderKey, TokenParameters } from './provider';

/** What distinguishes one provider from others with the same dialect. */
export interface RowFacts {
  readonly id: string;
  readonly name: string;
  readonly origin: string;
  /** False for a provider that the operator has switched off; true when omitted. */
  readonly enabled?: boolean;
  readonly key: Pick<ProviderKey, 'called' | 'prefix' | 'otherKinds'> & {
    /** The header that carries the key instead of the dialect's own, without a scheme. */
    readonly header?: string;
    /** The maximum length of a key, where it is not the dialect's own. */
    readonly maxLength?: number;
  };
}

/** The parameters of a provider that takes no credential in the query. */
export const NO_PARAMETERS: TokenParameters = { accepted: [], withheld: [] };

/**
 * Returns the headers in which clients send their token: the dialect's own and the one that the row names for its key. A token
 * can then come where a client of either kind puts it, and no header that may carry one is forwarded.
 */
export function tokenHeadersOf({ header }: RowFacts['key'], ...ofDialect: string[]): string[] {
  return header === undefined || ofDialect.includes(header) ? ofDialect : [...ofDialect, header];
}

/** Request headers that describe a body and its client; they pass in every dialect. */
export const REQUEST_BASICS = [
  ...['accept', 'accept-encoding', 'content-type', 'content-encoding', 'content-length', 'user-agent'],
];

/** Response headers that describe a body; they pass in every dialect. */
export const RESPONSE_BASICS = [
  ...['content-type', 'content-encoding', 'content-length', 'content-disposition', 'cache-control'],
  ...['retry-after', 'retry-after-ms', 'x-should-retry'],
];

export const MIB = 1024 * 1024;
