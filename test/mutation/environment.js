const SuiteEnvironment = require('../support/environment.js');

/**
 * A change is noticed with the first test that fails; the rest of the file is skipped. Where a change makes every answer
 * hang, each of its tests would otherwise wait for its own time to run out.
 */
module.exports = class StopAtFirstFailure extends SuiteEnvironment {
  failed = false;

  handleTestEvent({ name, test }) {
    if (name === 'test_fn_failure' || name === 'hook_failure') this.failed = true;
    if (name === 'test_start' && this.failed) test.mode = 'skip';
  }
};
