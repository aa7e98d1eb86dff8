/** What stands in deploy/, run for real: `npm run test:deploy`. It needs nginx and bubblewrap; `npm test` does not look here. */
module.exports = {
  ...require('../../jest.config.js'),
  rootDir: '../..',
  roots: ['<rootDir>/test/deploy'],
  testRegex: '\\.deploy-spec\\.ts$',
  testTimeout: 60_000,
  maxWorkers: 2,
};
