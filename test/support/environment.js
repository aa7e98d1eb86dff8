const { mkdtempSync, rmSync } = require('node:fs');
const { join } = require('node:path');
const { TestEnvironment } = require('jest-environment-node');
const keepCode = require('./code-cache.js');

keepCode();

/** Gives each test file a directory of its own, and removes it after the file: all files' databases together would take many gigabytes. */
module.exports = class SuiteEnvironment extends TestEnvironment {
  directory = mkdtempSync(join(process.env.TEST_ROOT, 's-'));

  async setup() {
    await super.setup();
    this.global.process.env.SUITE_ROOT = this.directory;
  }

  async teardown() {
    await super.teardown();
    rmSync(this.directory, { recursive: true, force: true });
  }
};
