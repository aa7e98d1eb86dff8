import { Client, ClientConfig } from 'pg';
import { QueryRunner } from 'typeorm';

/** The message of node-postgres' error, which has no code, for a query that was not answered within `query_timeout`. */
const TIMED_OUT = 'Query read timeout';

/** The longest time that a timer takes, in milliseconds: 24 days. node-postgres has no other way to lift the limit for a query. */
const UNLIMITED_MS = 2 ** 31 - 1;

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
  private isUnlimited = false;

  /** Runs `work`, in which the runner's queries may take as long as they need; the embedded database sets them no limit. */
  static async withoutTimeLimit<T>(runner: QueryRunner, work: () => Promise<T>): Promise<T> {
    const connection: unknown = await runner.connect();
    if (!(connection instanceof PostgresClient)) return work();
    connection.isUnlimited = true;
    try {
      return await work();
    } finally {
      connection.isUnlimited = false;
    }
  }

  override query(...given: unknown[]): unknown {
    const [text, ...rest] = given;
    const isLifted = this.isUnlimited && typeof text === 'string';
    const answer = super.query(...(isLifted ? [{ text, query_timeout: UNLIMITED_MS }, ...rest] : given));
    if (answer instanceof Promise) answer.catch((error: unknown) => this.endAfter(error));
    return answer;
  }

  private endAfter(error: unknown): void {
    if (error instanceof Error && error.message === TIMED_OUT) void this.end();
  }
}
