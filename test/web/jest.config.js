/** The pages in a real browser: `npm run test:web`. `npm test` needs no browser and does not look here. */
module.exports = {
  ...require('../../jest.config.js'),
  rootDir: '../..',
  roots: ['<rootDir>/test/web'],
  testRegex: '\\.web-spec\\.ts$',
  testTimeout: 60_000,
  maxWorkers: 2,
};
