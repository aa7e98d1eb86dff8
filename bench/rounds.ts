import { Child } from './child';
import { Measure } from './measures';
import { Rounds, table } from './report';
import { untilSealed } from './rest';
import { restart, Target } from './targets';

const BASELINES = ['direct', 'node:http pipe'];

/** What a measure found for each target that did not fail. */
export interface Measured {
  readonly measure: Measure;
  readonly results: readonly Rounds[];
}

/** How often and how long to measure, and how to start another load generator. */
interface Rounding {
  readonly rounds: number;
  /** How many rounds come first and are not counted. */
  readonly warmUp: number;
  readonly seconds: number;
  /** How many processes of each target are measured in turn, where all targets run at the same time. */
  readonly starts: number;
  readonly startLoad: () => Promise<Child>;
}

/** What was found for a target, until it failed. */
interface Found {
  readonly target: Target;
  readonly rounds: number[][];
  why?: string;
}

/**
 * Measures all targets in rounds, after warm-up rounds that are not counted. A target that fails is omitted from the table and
 * reported below it.
 */
export async function measureAll(
  load: Child,
  targets: readonly Target[],
  chosen: readonly Measure[],
  options: Rounding,
): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const measure of chosen) {
    const all = targets.map((target): Found => ({ target, rounds: [] }));
    await Promise.all(all.map((found) => prepare(found, untilSealed)));
    const found = measure.isTogether
      ? await measureTogether(all, measure, options)
      : await measureInTurn(load, all, measure, options);
    const succeeded = found
      .filter(({ why }) => why === undefined)
      .map(({ target, rounds }) => ({ name: target.name, rounds }));
    console.log(table(measure, succeeded, BASELINES));
    for (const { target, why } of found)
      if (why !== undefined) console.log(`${target.name} failed: ${why}\n`);
    measured.push({ measure, results: succeeded });
  }
  return measured;
}

/** Measures one target after the other, each other round in the opposite order. */
async function measureInTurn(
  load: Child,
  all: readonly Found[],
  measure: Measure,
  { rounds, warmUp, seconds }: Rounding,
): Promise<readonly Found[]> {
  for (let round = 0; round < warmUp + rounds; round++) {
    for (const found of round % 2 === 0 ? all : all.toReversed())
      await measureOnce(load, found, measure, { seconds, counts: round >= warmUp });
  }
  return all;
}

/**
 * Measures all targets at the same time whose processes the benchmark has started: of those it knows the CPU time. Each round another
 * one begins, since the first one takes several percent more than the last. Processes of one build differ by 2 to 3 %, each for as
 * long as it lives: a figure is that of several.
 */
async function measureTogether(
  all: readonly Found[],
  measure: Measure,
  { rounds, warmUp, seconds, starts, startLoad }: Rounding,
): Promise<readonly Found[]> {
  const started = all.filter(({ target }) => target.child !== undefined);
  const pairs = await Promise.all(started.map(async (found) => ({ found, load: await startLoad() })));
  for (let start = 0; start < starts; start++) {
    for (const found of started) await prepare(found, restart);
    for (let round = 0; round < warmUp + rounds; round++) {
      const once = { seconds, counts: round >= warmUp };
      const first = (start + round) % pairs.length;
      const inOrder = [...pairs.slice(first), ...pairs.slice(0, first)];
      await Promise.all(inOrder.map(({ found, load }) => measureOnce(load, found, measure, once)));
    }
  }
  await Promise.all(pairs.map(({ load }) => load.stop()));
  return started;
}

/** Prepares a target for a measure, unless it has failed before. */
async function prepare(found: Found, how: (target: Target) => Promise<void>): Promise<void> {
  if (found.why !== undefined) return;
  try {
    await how(found.target);
  } catch (error) {
    found.why = reasonOf(error);
  }
}

/** Measures a target in one round, unless it has failed before. */
async function measureOnce(
  load: Child,
  found: Found,
  measure: Measure,
  { seconds, counts }: { readonly seconds: number; readonly counts: boolean },
): Promise<void> {
  if (found.why !== undefined) return;
  try {
    const values = await measure.run(load, found.target, seconds * 1000);
    if (counts) found.rounds.push(values);
  } catch (error) {
    found.why = reasonOf(error);
    await load.ask({ endpoint: found.target.endpoint, job: { kind: 'release' } });
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
