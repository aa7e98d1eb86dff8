const suitesWithoutSql = require('./suites-without-sql.js');

/** The end-to-end suites that touch SQL, on the server that TEST_DATABASE_URL names: the PostgreSQL pass of .ci/run. */
module.exports = {
  ...require('../../jest.config.js'),
  rootDir: '../..',
  roots: ['<rootDir>/test'],
  testRegex: '/test/[^/]+\\.e2e-spec\\.ts$',
  testPathIgnorePatterns: Object.keys(suitesWithoutSql).map((name) => `/test/${name}\\.e2e-spec\\.ts$`),
};
