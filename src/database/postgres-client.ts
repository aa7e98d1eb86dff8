import { Client, ClientConfig } from 'pg';

/** The message of node-postgres' error, which has no code, for a query that was not answered within `query_timeout`. */
const TIMED_OUT = 'Query read timeout';

/** node-postgres' client with one signature in place of its overloads. */
const AnyQuery = Client as unknown as new (config?: ClientConfig) => {
  query(...given: unknown[]): unknown;
  end(): Promise<void>;
};

/**
 * A connection of the pool that ends with the first query that is not answered in time. node-postgres keeps it: all later
 * queries would wait behind that one, in vain when the network dropped the connection without a sign, and within its
 * transaction when the database answers after all, because a ROLLBACK that waited behind it has timed out, too.
 */
export class PostgresClient extends AnyQuery {
  override query(...given: unknown[]): unknown {
    const answer = super.query(...given);
    if (answer instanceof Promise) answer.catch((error: unknown) => this.endAfter(error));
    return answer;
  }

  private endAfter(error: unknown): void {
    if (error instanceof Error && error.message === TIMED_OUT) void this.end();
  }
}
