/**
 * `npm run bench`: benchmarks TraceVault, as its users would, against the alternatives. Every target, the upstream and the load
 * generator are separate processes; each round measures every target once before the next round begins.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { freePort } from '../test/support/process';
import { Child } from './child';
import { Measure, measures, tlsMeasures } from './measures';
import { tellOf, tellOfLedger } from './part-report';
import { machineFacts } from './process-facts';
import { measureAll } from './rounds';
import { direct, pipe, portkey, running, Surroundings, Target, tracevault } from './targets';

const BUILT = __dirname;
const ROOT = join(BUILT, '../..');
const TLS = {
  TLS_KEY: join(ROOT, 'test/support/tls/key.pem'),
  TLS_CERT: join(ROOT, 'test/support/tls/cert.pem'),
};
const EMBEDDED = 'TraceVault (embedded)';
const POSTGRESQL = 'TraceVault (PostgreSQL)';
const EDITIONS = [EMBEDDED, POSTGRESQL];

interface Options {
  readonly rounds: number;
  readonly warmUp: number;
  readonly seconds: number;
  readonly starts: number;
  readonly only?: string[];
  readonly without?: string[];
  readonly limits?: boolean;
  readonly capture?: boolean;
  readonly database?: string;
  readonly build: string[];
  readonly target: string[];
  readonly header: string[];
}

const MEASURES = [...measures, ...tlsMeasures].map(({ name }) => name);
const OPTIONAL = ['pipe', 'embedded', 'unmetered', 'portkey'];
const collect = (value: string, previous: string[]): string[] => [...previous, value];

const program = new Command('npm run bench --')
  .description('Measures TraceVault beside a direct connection, a bare node:http pipe and other gateways.')
  .option('--rounds <n>', 'how often everything is measured', positive, 3)
  .option('--warm-up <n>', 'how many rounds come first and are not counted', positive, 1)
  .option('--seconds <n>', 'how long each measure takes, where that is free', positive, 3)
  .option(
    '--starts <n>',
    'how many processes of each target are measured in turn, each in all rounds, where targets run at the same time',
    positive,
    1,
  )
  .option('--only <names>', `of ${MEASURES.join(', ')}`, namesOf(MEASURES))
  .option('--without <targets>', `of ${OPTIONAL.join(', ')}`, namesOf(OPTIONAL))
  .option('--limits', 'measures TraceVault with limits that are far away, too')
  .option('--capture', 'measures TraceVault with what is said kept, too')
  .option('--database <url>', 'of an empty PostgreSQL database: measures TraceVault on it, too')
  .option(
    '--build <name=folder>',
    'another build of TraceVault (its dist), as of an earlier commit, on an embedded database; repeatable',
    collect,
    [],
  )
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
  const { rounds, warmUp, seconds, starts } = options;
  console.log(
    `${machineFacts()}\n${rounds} rounds of ${seconds} s, after ${warmUp} to warm up; together ${starts} times\n`,
  );
  const folder = mkdtempSync(join(tmpdir(), 'tracevault-bench-'));
  const startLoad = (): Promise<Child> =>
    Child.start('load', join(BUILT, 'load/main.js'), {}, join(folder, 'load.log'));
  const load = await startLoad();
  const rounding = { ...options, startLoad };
  try {
    if (wanted(measures).length > 0) {
      const upstream = await startUpstream(folder);
      const targets = await startTargets({ upstream: upstream.url, folder }, options);
      const measured = await measureAll(load, targets, wanted(measures), rounding);
      for (const name of EDITIONS) {
        tellOf('meter', measured, { name, without: unmetered(name) });
        tellOf('content', measured, { name: withContent(name), without: name });
      }
      for (const target of targets) await tellOfLedger(target);
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
      const targets = [await pipe({ ...around, folder }), await tracevault(around, { name: EMBEDDED })];
      await measureAll(load, targets, [measure], rounding);
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
  const { database: databaseUrl } = options;
  const headers = Object.fromEntries(options.header.map((header) => split(header, ':')));
  return [
    direct(around.upstream),
    ...(has('pipe') ? [await pipe(around)] : []),
    ...(has('embedded') ? await editions(around, EMBEDDED, options) : []),
    ...(databaseUrl === undefined ? [] : await editions(around, POSTGRESQL, options, databaseUrl)),
    ...(await inTurn(options.build, (build) => {
      const [name, built] = split(build, '=');
      return tracevault(around, { name, built: resolve(built) });
    })),
    ...(has('portkey') ? [await installed(around)] : []),
    ...options.target.map((target) => running(...split(target, '='), headers)),
  ];
}

/** Starts TraceVault, and beside it the same without its meter, with limits, and with what is said kept. */
async function editions(
  around: Surroundings,
  name: string,
  { without, limits = false, capture = false }: Options,
  databaseUrl?: string,
): Promise<Target[]> {
  const isUnmetered = without?.includes('unmetered') !== true;
  return inTurn(
    [
      { name, databaseUrl },
      ...(isUnmetered ? [{ name: unmetered(name), file: 'bench/unmetered.js', databaseUrl }] : []),
      ...(limits ? [{ name: `${name} with limits`, databaseUrl, isLimited: true }] : []),
      ...(capture ? [{ name: withContent(name), databaseUrl, keepsContent: true }] : []),
    ],
    (edition) => tracevault(around, edition),
  );
}

function unmetered(name: string): string {
  return `${name} without the meter`;
}

function withContent(name: string): string {
  return `${name} with content kept`;
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

/** Maps a list, one after another. */
async function inTurn<Item, Result>(
  items: readonly Item[],
  map: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const item of items) results.push(await map(item));
  return results;
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
