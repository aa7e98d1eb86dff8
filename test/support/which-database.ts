/** For tests of the embedded database itself. */
export const embeddedOnly = process.env.TEST_DATABASE_URL === undefined ? describe : describe.skip;
/** For tests that need a PostgreSQL server. */
export const postgresOnly = process.env.TEST_DATABASE_URL === undefined ? describe.skip : describe;
/** For what can only go wrong with several connections: the embedded database has one, and takes turns. */
export const itOnPostgres = process.env.TEST_DATABASE_URL === undefined ? it.skip : it;
