/**
 * `npm run mutate [-- proxy|credentials|auth]`: does a test fail for each change of the code? Runs every part of the
 * room (or of all), then prints each room's score and the changes that no test noticed. Minutes for each part, and much
 * faster with TEST_DATABASE_URL, for every suite opens a database. Exits with 1 below 85 %.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import parts from './parts.js';

const LOWEST_SCORE = 85;
const stryker = createRequire(import.meta.url).resolve('@stryker-mutator/core/package.json');
const wanted = process.argv.slice(2);
const chosen = Object.keys(parts).filter(
  (part) => wanted.length === 0 || wanted.some((name) => part.startsWith(name)),
);
if (chosen.length === 0) {
  console.error(`Nothing begins with ${wanted.join(' or ')}. There is: ${Object.keys(parts).join(', ')}`);
  process.exit(2);
}

for (const part of chosen) {
  console.log(`--- ${part}`);
  const { status } = spawnSync(
    process.execPath,
    [stryker.replace('package.json', 'bin/stryker.js'), 'run', 'test/mutation/stryker.config.mjs'],
    { stdio: 'inherit', env: environmentOf(part) },
  );
  if (status !== 0) process.exit(status ?? 1);
}

let low = false;
for (const room of new Set(chosen.map(roomOf))) {
  const mutants = chosen.filter((part) => roomOf(part) === room).flatMap(mutantsOf);
  const count = (...states) => mutants.filter(({ status }) => states.includes(status)).length;
  const [noticed, missed] = [count('Killed', 'Timeout'), count('Survived', 'NoCoverage')];
  const score = (100 * noticed) / (noticed + missed);
  low ||= score < LOWEST_SCORE;
  for (const mutant of mutants.filter(({ status }) => ['Survived', 'NoCoverage'].includes(status))) {
    const { file, location, mutatorName, replacement, status } = mutant;
    console.log(
      `${status} ${file}:${location.start.line}:${location.start.column} ${mutatorName}: ${replacement}`,
    );
  }
  console.log(`${room}: ${score.toFixed(1)} % (${noticed} of ${noticed + missed} changes noticed)\n`);
}
process.exit(low ? 1 : 0);

function environmentOf(part) {
  const { TEST_DATABASE_URL, ...env } = process.env;
  const server =
    parts[part].embedded === true || TEST_DATABASE_URL === undefined ? {} : { TEST_DATABASE_URL };
  return { ...env, ...server, MUTATE_PART: part };
}

function roomOf(part) {
  return part.split('-', 1)[0];
}

function mutantsOf(part) {
  const { files } = JSON.parse(readFileSync(`reports/mutation/${part}.json`, 'utf8'));
  return Object.entries(files).flatMap(([file, { mutants }]) =>
    mutants.map((mutant) => ({ ...mutant, file })),
  );
}
