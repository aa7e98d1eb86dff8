// Runs suites, and those that failed once more, alone on the machine: node .ci/suites.mjs RESULTS test|jest [JEST'S OPTIONS].
// Over real sockets and in a real browser, a machine that stands still for seconds fails tests that say nothing of the product.
// What only passes the second time is named at the end of .ci/run; more failures than a stall makes are not tried again.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const MOST_TRIED_AGAIN = 3;
const [file, script, ...options] = process.argv.slice(2);

function run(name, more) {
  const args = ['run', name, '--', ...options, ...more, '--json', `--outputFile=${file}`];
  return spawnSync('npm', args, { stdio: 'inherit' }).status === 0;
}
const results = () => JSON.parse(readFileSync(file, 'utf8'));

if (!run(script, [])) {
  const first = results();
  const failed = first.testResults.filter(({ status }) => status === 'failed').map(({ name }) => name);
  if (failed.length === 0 || failed.length > MOST_TRIED_AGAIN) process.exit(1);
  console.log(`--- once more, alone: ${failed.join(' ')}`);
  const passes = run('jest', ['--runInBand', '--runTestsByPath', ...failed]);
  const second = results();
  const kept = first.testResults.filter(({ name }) => !failed.includes(name));
  writeFileSync(file, JSON.stringify({ testResults: [...kept, ...second.testResults], unsteady: failed }));
  if (!passes) process.exit(1);
}
