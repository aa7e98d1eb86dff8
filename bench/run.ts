/**
 * `npm run bench`: benchmarks TraceVault, as its users would, against the alternatives. Every target, the upstream and the load
 * generator are separate processes; each round measures every target once before the next round begins.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { freePort } from '../test/support/process';
import { Child } from './child';
import { Measure, measures, tlsMeasures } from './measures';
import { machineFacts } from './process-facts';
import { Rounds, table } from './report';
import { direct, pipe, portkey, running, Surroundings, Target, tracevault } from './targets';

const BUILT = __dirname;
const ROOT = join(BUILT, '../..');
const TLS = {
  TLS_KEY: join(ROOT, 'test/support/tls/key.pem'),
  TLS_CERT: join(ROOT, 'test/support/tls/cert.pem'),
};
const BASELINES = ['direct', 'node:http pipe'];

interface Options {
  readonly rounds: number;
  readonly seconds: number;
  readonly only?: string[];
  readonly without?: string[];
  readonly database?: string;
  readonly target: string[];
  readonly header: string[];
}

const MEASURES = [...measures, ...tlsMeasures].map(({ name }) => name);
const OPTIONAL = ['pipe', 'embedded', 'portkey'];
const collect = (value: string, previous: string[]): string[] => [...previous, value];

const program = new Command('npm run bench --')
  .description('Measures TraceVault beside a direct connection, a bare node:http pipe and other gateways.')
  .option('--rounds <n>', 'how often everything is measured', positive, 3)
  .option('--seconds <n>', 'how long each measure takes, where that is free', positive, 3)
  .option('--only <names>', `of ${MEASURES.join(', ')}`, namesOf(MEASURES))
  .option('--without <targets>', `of ${OPTIONAL.join(', ')}`, namesOf(OPTIONAL))
  .option('--database <url>', 'of an empty PostgreSQL database: measures TraceVault on it, too')
  .option(
    '--target <name=url>',
    'anything else that takes /v1/messages below this URL; repeatable',
    collect,
    [],
  )
  .option('--header <name:value>', 'sent to those, beside x-api-key: sk-ant-bench; repeatable', collect, []);

async function main(options: Options): Promise<void> {
  const wanted = (list: readonly Measure[]): Measure[] =>
    list.filter(({ name }) => options.only?.includes(name) ?? true);
  console.log(`${machineFacts()}\n${options.rounds} rounds of ${options.seconds} s, one after another\n`);
  const folder = mkdtempSync(join(tmpdir(), 'tracevault-bench-'));
  const load = await Child.start('load', join(BUILT, 'load/main.js'), {}, join(folder, 'load.log'));
  try {
    if (wanted(measures).length > 0) {
      const upstream = await startUpstream(folder);
      const targets = await startTargets({ upstream: upstream.url, folder }, options);
      await measureAll(load, targets, wanted(measures), options);
      await stopAll([...targets.map(({ child }) => child), upstream.child]);
    }
    for (const measure of wanted(tlsMeasures)) {
      const cold = measure.name === 'tls-cold';
      const upstream = await startUpstream(folder, { ...TLS, ...(cold && { CLOSE: '1' }) });
      const around = {
        upstream: upstream.url,
        folder: join(folder, measure.name),
        certificate: TLS.TLS_CERT,
      };
      const targets = [await pipe({ ...around, folder }), await tracevault(around)];
      await measureAll(load, targets, [measure], options);
      await stopAll([...targets.map(({ child }) => child), upstream.child]);
    }
  } finally {
    await load.stop();
  }
  rmSync(folder, { recursive: true }); // it is kept after a failure, for its logs
}

async function startUpstream(
  folder: string,
  env: NodeJS.ProcessEnv = {},
): Promise<{ child: Child; url: string }> {
  const port = await freePort();
  const file = join(BUILT, 'upstream.js');
  const child = await Child.start(
    'upstream',
    file,
    { PORT: String(port), ...env },
    join(folder, 'upstream.log'),
  );
  return { child, url: `${env.TLS_KEY === undefined ? 'http' : 'https'}://127.0.0.1:${port}` };
}

async function startTargets(around: Surroundings, options: Options): Promise<Target[]> {
  const has = (name: string): boolean => options.without?.includes(name) !== true;
  const headers = Object.fromEntries(options.header.map((header) => split(header, ':')));
  return [
    direct(around.upstream),
    ...(has('pipe') ? [await pipe(around)] : []),
    ...(has('embedded') ? [await tracevault(around)] : []),
    ...(options.database === undefined ? [] : [await tracevault(around, options.database)]),
    ...(has('portkey') ? [await installed(around)] : []),
    ...options.target.map((target) => running(...split(target, '='), headers)),
  ];
}

/** Starts Portkey's gateway, installing it first from the lockfile in bench/peers if necessary. */
async function installed(around: Surroundings): Promise<Target> {
  const peers = join(ROOT, 'bench/peers');
  if (!existsSync(join(peers, 'node_modules'))) {
    console.log(
      'Installing the gateways to compare with, into bench/peers/node_modules (--without portkey does not)\n',
    );
    const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: peers, stdio: 'inherit' });
    if (status !== 0)
      throw new Error('The gateways could not be installed; --without portkey measures the others');
  }
  return portkey(around);
}

/**
 * Measures all targets in interleaved rounds, after a warm-up round that is not counted. A target that fails is omitted from
 * the table and reported below it.
 */
async function measureAll(
  load: Child,
  targets: readonly Target[],
  chosen: readonly Measure[],
  { rounds, seconds }: Options,
): Promise<void> {
  for (const measure of chosen) {
    const results = targets.map(({ name }) => ({ name, rounds: [] as number[][] }));
    const failures = new Map<string, string>();
    for (let round = 0; round <= rounds; round++) {
      for (const [index, target] of targets.entries()) {
        if (failures.has(target.name)) continue;
        try {
          const values = await measure.run(load, target, seconds * 1000);
          if (round > 0) results[index]?.rounds.push(values);
        } catch (error) {
          failures.set(target.name, error instanceof Error ? error.message : String(error));
          await load.ask({ endpoint: target.endpoint, job: { kind: 'release' } });
        }
      }
    }
    const measured = results.filter(({ name }) => !failures.has(name)) satisfies Rounds[];
    console.log(table(measure, measured, BASELINES));
    for (const [name, why] of failures) console.log(`${name} failed: ${why}\n`);
  }
}

async function stopAll(children: readonly (Child | undefined)[]): Promise<void> {
  for (const child of children) await child?.stop();
}

function split(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  if (at < 1) program.error(`${text} has no ${separator}`);
  return [text.slice(0, at), text.slice(at + 1)];
}

function positive(value: string): number {
  const number = Number(value);
  if (!(number > 0)) throw new InvalidArgumentError('It has to be a number above 0.');
  return number;
}

function namesOf(known: readonly string[]): (value: string) => string[] {
  return (value) => {
    const names = value.split(',');
    const unknown = names.filter((name) => !known.includes(name));
    if (unknown.length > 0)
      throw new InvalidArgumentError(`There is no ${unknown.join(', ')}. There is: ${known.join(', ')}.`);
    return names;
  };
}

main(program.parse().opts<Options>()).then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
