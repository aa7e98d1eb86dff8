import { ApiException } from './api.exception';

/** The message of pg-pool's error, which has no code, when no connection became free in time. */
const POOL_TIMEOUT = 'timeout exceeded when trying to connect';
const BUSY =
  'All connections to the database are in use. Wait for the seconds in the Retry-After header, then try again.';

/**
 * The error of a request that got no database connection in time: 503 with a `Retry-After`. Nothing is broken, and nothing
 * was changed.
 */
export class DatabaseBusy extends ApiException {
  readonly retryAfterSeconds = 5;

  constructor(cause: Error) {
    super('database_unavailable', BUSY, { cause });
  }

  /** Returns this error for the pool's time-out error, and any other error unchanged. */
  static inPlaceOf(error: unknown): unknown {
    return error instanceof Error && error.message === POOL_TIMEOUT ? new DatabaseBusy(error) : error;
  }
}
