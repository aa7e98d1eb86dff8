const base = require('../../jest.config.js');
const parts = require('./parts.js');

const { tests } = parts[process.env.MUTATE_PART];
module.exports = {
  ...base,
  rootDir: process.cwd(),
  testRegex: tests.map((path) => `/${path}[^/]*\\.(e2e-)?spec\\.ts$`),
};
