/** One part (see parts.js); `npm run mutate` runs them one after another. */
import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';
import parts from './parts.js';

const part = process.env.MUTATE_PART;

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
  jest: { configFile: 'test/mutation/jest.config.js' },
  mutate: parts[part].mutate,
  ignorers: ['api-docs'],
  coverageAnalysis: 'perTest',
  concurrency: 2,
  timeoutMS: 10_000,
  reporters: ['json', 'progress-append-only'],
  jsonReporter: { fileName: `reports/mutation/${part}.json` },
  tempDirName: '.stryker-tmp',
};
