/**
 * `npm run check`: runs all checks, the linter beside the others, which take as long together. What a check says is printed when it
 * has ended; all of them run, whatever one finds.
 */
import { spawn } from 'node:child_process';

const LANES = [['check:lint'], ['check:format', 'check:types', 'check:unused']];

const failed = (await Promise.all(LANES.map(runInTurn))).flat();
if (failed.length > 0) {
  console.error(`Failed: ${failed.map((name) => `npm run ${name}`).join(', ')}`);
  process.exitCode = 1;
}

async function runInTurn(names) {
  const failures = [];
  for (const name of names) if ((await run(name)) !== 0) failures.push(name);
  return failures;
}

/** Resolves with a check's exit code; it is null if a signal has ended it. */
function run(name) {
  return new Promise((resolve) => {
    const npm = spawn('npm', ['run', name], {
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    });
    let output = '';
    for (const stream of [npm.stdout, npm.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    npm.once('error', (error) => (output += `${error.message}\n`));
    npm.once('close', (code) => {
      process.stdout.write(output);
      resolve(code);
    });
  });
}
