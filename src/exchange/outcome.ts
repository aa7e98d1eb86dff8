import { ExchangeError, Outcome } from './facts';

/** What decides how an exchange ended. */
interface End {
  readonly error: ExchangeError | undefined;
  /** Whether the whole response was handed to the operating system. */
  readonly isSent: boolean;
  /** Whether the response is the upstream's. */
  readonly isForwarded: boolean;
  readonly status: number;
}

/** The one table of outcomes; the first row that fits counts. */
export function outcomeOf({ error, isSent, isForwarded, status }: End): Outcome {
  if (error !== undefined) return error.outcome;
  if (!isSent) return 'client_aborted';
  if (isForwarded) return 'completed'; // passed on whole, the upstream's own errors included
  return status >= 400 ? 'rejected' : 'completed';
}
