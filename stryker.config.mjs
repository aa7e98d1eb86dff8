import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';

/**
 * `MUTATE=proxy npm run mutate` (or credentials, auth): does a test fail for each change of the code? Much faster with
 * TEST_DATABASE_URL, for every suite opens a database.
 */
const room = process.env.MUTATE ?? 'proxy';

/** Texts for the explorer describe; nothing depends on them. */
const ignoreApiDocs = {
  shouldIgnore({ node }) {
    const name =
      node.type === 'Decorator' && node.expression.type === 'CallExpression' && node.expression.callee.name;
    return typeof name === 'string' && name.startsWith('Api') ? 'documentation' : undefined;
  },
};

export const strykerPlugins = [declareValuePlugin(PluginKind.Ignore, 'api-docs', ignoreApiDocs)];

export default {
  plugins: ['@stryker-mutator/jest-runner', import.meta.url],
  testRunner: 'jest',
  testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  jest: { configFile: 'jest.mutate.config.js' },
  mutate: [
    `src/${room}/**/*.ts`,
    '!src/**/*.{spec,d}.ts',
    '!src/**/*.{entity,dto,openapi,module}.ts', // shapes and descriptions
    'src/credentials/credentials.module.ts', // which decides where the master key comes from
  ].filter((pattern) => room === 'credentials' || !pattern.includes('credentials.module')),
  ignorers: ['api-docs'],
  coverageAnalysis: 'perTest',
  concurrency: 2,
  timeoutMS: 10_000,
  reporters: ['clear-text', 'json', 'progress-append-only'],
  jsonReporter: { fileName: `reports/mutation-${room}.json` },
  thresholds: { high: 95, low: 85, break: 85 },
  tempDirName: '.stryker-tmp',
};
