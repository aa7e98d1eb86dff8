import { ExchangeError, Outcome } from './facts';

/** The facts that determine an exchange's outcome. */
interface End {
  readonly error: ExchangeError | undefined;
  /** Whether the complete response was handed to the operating system. */
  readonly isSent: boolean;
  /** Whether the response came from the upstream. */
  readonly isForwarded: boolean;
  readonly status: number;
}

/** Returns the outcome of an exchange. The conditions are in order of precedence: the first that holds decides. */
export function outcomeOf({ error, isSent, isForwarded, status }: End): Outcome {
  if (error !== undefined) return error.outcome;
  if (!isSent) return 'client_aborted';
  if (isForwarded) return 'completed'; // complete, even if it is an error of the upstream's
  return status >= 400 ? 'rejected' : 'completed';
}
