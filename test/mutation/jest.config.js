const base = require('../../jest.config.js');
const parts = require('./parts.js');

const { tests, embedded = false } = parts[process.env.MUTATE_PART];
module.exports = {
  ...base,
  testEnvironment: require.resolve('./environment.js'),
  testTimeout: embedded ? 15_000 : 5_000, // what hangs is noticed by then
  rootDir: process.cwd(),
  testRegex: tests.map((path) => `/${path}[^/]*\\.(e2e-)?spec\\.ts$`),
};
