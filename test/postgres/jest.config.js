const suitesWithoutSql = require('./suites-without-sql.js');

/**
 * The end-to-end suites that touch SQL, on the server that TEST_DATABASE_URL names: the PostgreSQL pass of .ci/run. A third worker
 * takes what two leave of two cores: these suites wait for the server, and for each other's locks.
 */
module.exports = {
  ...require('../../jest.config.js'),
  rootDir: '../..',
  roots: ['<rootDir>/test'],
  testRegex: '/test/[^/]+\\.e2e-spec\\.ts$',
  maxWorkers: 3,
  testPathIgnorePatterns: Object.keys(suitesWithoutSql).map((name) => `/test/${name}\\.e2e-spec\\.ts$`),
};
