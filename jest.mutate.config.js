/**
 * For `npm run mutate`: the tests that run the mutated code in their own process, without those that start the built
 * server, wait for real time, or measure.
 */
const base = require('./jest.config.js');

const TESTS = {
  auth: ['src/auth/', 'test/auth', 'test/cookie', 'test/orgs', 'test/proxy-credentials', 'test/rate-limits'],
  credentials: ['src/credentials/', 'test/master-key', 'test/me', 'test/proxy-errors', 'test/proxy-cred'],
  proxy: ['src/proxy/', 'test/proxy-', 'test/hostile', 'test/stale', 'test/faults'],
};

const tests = TESTS[process.env.MUTATE ?? 'proxy'];
module.exports = {
  ...base,
  testRegex: tests.map((path) => `/${path}[^/]*\\.(e2e-)?spec\\.ts$|/${path}.*\\.spec\\.ts$`),
  testPathIgnorePatterns: ['/node_modules/', 'body-limit.e2e'],
};
