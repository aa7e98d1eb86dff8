import type { Refusal } from '../api/refusal';

/** Why a key was not stored that could be stored all the same. */
export interface Unstored {
  /** The provider refused the key; otherwise it could not say whether it takes it. */
  readonly isRefused: boolean;
  readonly message: string;
}

/** @returns undefined for a refusal that is about something else. */
export function unstoredIn({ status, messages: [message] }: Refusal): Unstored | undefined {
  // The server's second message says to whoever calls it by hand what the page has a button for.
  if (message === undefined || ![422, 502, 504].includes(status)) return undefined;
  return { isRefused: status === 422, message };
}
