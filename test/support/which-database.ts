/** For tests of the embedded database itself. */
export const embeddedOnly = process.env.TEST_DATABASE_URL === undefined ? describe : describe.skip;
/** For tests that need a PostgreSQL server. */
export const postgresOnly = process.env.TEST_DATABASE_URL === undefined ? describe.skip : describe;
