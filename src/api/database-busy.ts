import { ApiException } from './api.exception';

/** What pg-pool says, without a code, when none of its connections became free in time. */
const POOL_TIMEOUT = 'timeout exceeded when trying to connect';
const BUSY =
  'All connections to the database are in use. Wait for the seconds in the Retry-After header, then try again.';

/** A request that got no database connection in time: 503, and when to come back. Nothing is broken, and nothing was changed. */
export class DatabaseBusy extends ApiException {
  readonly retryAfterSeconds = 5;

  constructor(cause: Error) {
    super('database_unavailable', BUSY, { cause });
  }

  /** @returns the refusal in place of the pool's error; any other error as it is. */
  static inPlaceOf(error: unknown): unknown {
    return error instanceof Error && error.message === POOL_TIMEOUT ? new DatabaseBusy(error) : error;
  }
}
