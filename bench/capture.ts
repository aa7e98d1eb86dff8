/**
 * `npm run bench:capture`: sends the calls of long sessions through a TraceVault that keeps what is said and through one that
 * does not, and measures what that takes: of the disk, of the processor, of memory.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { freePort } from '../test/support/process';
import { Child } from './child';
import { model } from './job';
import { LongSession } from './long-session';
import { machineFacts } from './process-facts';
import { layOut, number } from './report';
import { Target, tracevault } from './targets';

interface Options {
  readonly sessions: number;
  readonly turns: number;
  readonly turnBytes: number;
  readonly parallel: number;
}

const MB = 1024 * 1024;
const SAMPLE_MS = 200;
/** The bodies that are still to be written, in memory and on the disk. */
const WAITING = /^tracevault_trace_(?:buffer|spool)_bytes [1-9]/m;
const BODIES = /^tracevault_trace_bodies_total\{state="(\w+)"\} (\d+)/gm;

const program = new Command('npm run bench:capture --')
  .description('Measures what keeping what is said takes.')
  .option('--sessions <n>', 'how many', Number, 50)
  .option('--turns <n>', 'calls of each', Number, 200)
  .option('--turn-bytes <n>', 'what each turn adds to the request', Number, 4_300)
  .option('--parallel <n>', 'sessions at once', Number, 4);

/** What was measured of one server. */
interface Measured {
  readonly seconds: number;
  readonly cpuMs: number;
  readonly peakBytes: number;
  readonly sentBytes: number;
  readonly traceBytes: number;
  readonly databaseBytes: number;
  /** The number of bodies by what became of them. */
  readonly bodies: ReadonlyMap<string, string>;
}

async function main(options: Options): Promise<void> {
  console.log(`${machineFacts()}\n${options.sessions} sessions of ${options.turns} calls\n`);
  const folder = mkdtempSync(join(tmpdir(), 'tracevault-capture-'));
  const port = await freePort();
  const upstream = await Child.start(
    'upstream',
    join(__dirname, 'upstream.js'),
    { PORT: String(port) },
    join(folder, 'upstream.log'),
  );
  const results = new Map<string, Measured>();
  for (const keepsContent of [false, true]) {
    const metricsPort = await freePort();
    const name = keepsContent ? 'kept' : 'not kept';
    const around = { upstream: `http://127.0.0.1:${port}`, folder };
    const env = { TRACEVAULT_METRICS_PORT: String(metricsPort) };
    const target = await tracevault(around, { name, keepsContent, env });
    results.set(name, await measured(target, { ...options, metricsPort, data: join(folder, name, 'data') }));
    await target.child?.stop();
  }
  console.log(layOut(table(results, options.sessions * options.turns)).join('\n'));
  await upstream.stop();
  rmSync(folder, { recursive: true });
}

/** Sends all calls, and waits until everything is written. */
async function measured(
  { child, endpoint }: Target,
  {
    sessions,
    turns,
    turnBytes,
    parallel,
    metricsPort,
    data,
  }: Options & { metricsPort: number; data: string },
): Promise<Measured> {
  let [peakBytes, sentBytes, begun] = [0, 0, 0];
  const sampling = setInterval(() => (peakBytes = Math.max(peakBytes, child?.residentBytes ?? 0)), SAMPLE_MS);
  const before = { at: performance.now(), cpu: child?.cpuMicroseconds ?? NaN };
  await Promise.all(
    Array.from({ length: parallel }, async () => {
      while (begun < sessions) {
        const number = begun++;
        const session = new LongSession(model.message, number, turnBytes);
        for (let turn = 0; turn < turns; turn++) {
          const body = session.next();
          sentBytes += body.length;
          const headers = {
            ...endpoint.headers,
            'content-type': 'application/json',
            'x-session-id': `s-${number}`,
          };
          const response = await fetch(`${endpoint.baseUrl}/v1/messages`, { method: 'POST', headers, body });
          await response.arrayBuffer();
          if (!response.ok) throw new Error(`A call was answered with ${response.status}`);
        }
      }
    }),
  );
  const metrics = (): Promise<string> =>
    fetch(`http://127.0.0.1:${metricsPort}/metrics`).then((response) => response.text());
  while (WAITING.test(await metrics())) await sleep(SAMPLE_MS);
  clearInterval(sampling);
  const bodies = [...(await metrics()).matchAll(BODIES)];
  return {
    seconds: (performance.now() - before.at) / 1000,
    cpuMs: ((child?.cpuMicroseconds ?? NaN) - before.cpu) / 1000,
    ...{ peakBytes, sentBytes },
    bodies: new Map(bodies.map(([, state = '', count = '']) => [state, count])),
    traceBytes: sizeOf(join(data, 'traces')),
    databaseBytes: sizeOf(join(data, 'pgdata')),
  };
}

function table(results: ReadonlyMap<string, Measured>, calls: number): string[][] {
  const all = [...results.values()];
  const row = (title: string, value: (one: Measured) => string): string[] => [title, ...all.map(value)];
  return [
    ['', ...results.keys()],
    row('sent, MB', ({ sentBytes }) => number(sentBytes / MB, 0)),
    row('a request, KB', ({ sentBytes }) => number(sentBytes / 1024 / calls, 0)),
    row('seconds', ({ seconds }) => number(seconds, 0)),
    row('CPU ms a call', ({ cpuMs }) => number(cpuMs / calls, 2)),
    row('RSS at its peak, MB', ({ peakBytes }) => number(peakBytes / MB, 0)),
    row('traces/, MB', ({ traceBytes }) => number(traceBytes / MB, 1)),
    row('database, MB', ({ databaseBytes }) => number(databaseBytes / MB, 1)),
    row('of what was sent', ({ sentBytes, traceBytes }) =>
      traceBytes === 0 ? '-' : `1/${number(sentBytes / traceBytes, 0)}`,
    ),
    row('bodies kept', ({ bodies }) => bodies.get('kept') ?? '-'),
    row('bodies dropped', ({ bodies }) => bodies.get('dropped') ?? '-'),
  ];
}

function sizeOf(folder: string): number {
  let size = 0;
  try {
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const stat = statSync(join(folder, name));
      if (stat.isFile()) size += stat.blocks * 512;
    }
  } catch {
    return size; // there is no such folder where nothing is kept
  }
  return size;
}

main(program.parse().opts<Options>()).then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
