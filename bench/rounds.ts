import { Child } from './child';
import { Measure } from './measures';
import { Rounds, table } from './report';
import { Target } from './targets';

const BASELINES = ['direct', 'node:http pipe'];

/** What a measure found for each target that did not fail. */
export interface Measured {
  readonly measure: Measure;
  readonly results: readonly Rounds[];
}

/**
 * Measures all targets in interleaved rounds, each other round in the opposite order, after a warm-up round that is not counted.
 * A target that fails is omitted from the table and reported below it.
 */
export async function measureAll(
  load: Child,
  targets: readonly Target[],
  chosen: readonly Measure[],
  { rounds, seconds }: { readonly rounds: number; readonly seconds: number },
): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const measure of chosen) {
    const results = new Map(targets.map(({ name }) => [name, [] as number[][]]));
    const failures = new Map<string, string>();
    for (let round = 0; round <= rounds; round++) {
      for (const target of round % 2 === 0 ? targets : targets.toReversed()) {
        if (failures.has(target.name)) continue;
        try {
          const values = await measure.run(load, target, seconds * 1000);
          if (round > 0) results.get(target.name)?.push(values);
        } catch (error) {
          failures.set(target.name, error instanceof Error ? error.message : String(error));
          await load.ask({ endpoint: target.endpoint, job: { kind: 'release' } });
        }
      }
    }
    const found = [...results].map(([name, values]) => ({ name, rounds: values }));
    const succeeded = found.filter(({ name }) => !failures.has(name));
    console.log(table(measure, succeeded, BASELINES));
    for (const [name, why] of failures) console.log(`${name} failed: ${why}\n`);
    measured.push({ measure, results: succeeded });
  }
  return measured;
}
