/** A `describe` for tests of the embedded database; skipped on PostgreSQL. */
export const embeddedOnly = process.env.TEST_DATABASE_URL === undefined ? describe : describe.skip;
/** A `describe` for tests that need a PostgreSQL server; skipped on the embedded database. */
export const postgresOnly = process.env.TEST_DATABASE_URL === undefined ? describe.skip : describe;
/** An `it` for races between connections; skipped on the embedded database, which has one connection and serializes. */
export const itOnPostgres = process.env.TEST_DATABASE_URL === undefined ? it.skip : it;
