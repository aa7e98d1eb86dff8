import { setTimeout as sleep } from 'node:timers/promises';
import { Child } from './child';
import { BodyName, Job, LoadResult, StreamCoding } from './job';
import { untilAtRest } from './rest';
import { median, percentile } from './statistics';
import { restart, Target } from './targets';

const MB = 1024 * 1024;
/** The chunk size of a download in chunks as small as an event, in bytes. */
const EVENT_BYTES = 160;
/** The number of such downloads that come first in a process, while V8's compiler is busy. */
const DOWNLOADS_BEFORE = 3;
/** The wait in ms until a process has freed what it needed only to open (or close) its streams. */
const SETTLE_MS = 3_000;

/** A value that a measure reports. */
export interface Column {
  readonly title: string;
  readonly digits: number;
  /** The comparison shown beside it: the ratio to the baseline's value, or the difference from it. */
  readonly against?: 'ratio' | 'difference';
  /** What the meter may change of it, in the table about the meter; a column without it is not in that table. */
  readonly meter?: Goal;
  /** What keeping content may change of it, in the same way. */
  readonly content?: Goal;
}

/** How a value may compare with the one without the part in question: their ratio or their difference at most. */
export interface Goal {
  readonly maxRatio?: number;
  readonly maxDifference?: number;
}

export interface Measure {
  readonly name: string;
  readonly title: string;
  readonly columns: readonly Column[];
  /** Whether all targets run at the same time, each with a load generator of its own, so that what disturbs the machine disturbs all. */
  readonly isTogether?: boolean;
  /** Runs the measure for `ms` milliseconds. @returns a value per column; NaN where it can't be measured for this target. */
  run(load: Child, target: Target, ms: number): Promise<number[]>;
}

const RATE: Column = { title: 'requests/s', digits: 0, against: 'ratio' };
const P50: Column = { title: 'p50 ms', digits: 2, against: 'difference' };
const P99: Column = { title: 'p99 ms', digits: 2 };
const THROUGHPUT: Column = { title: 'MB/s', digits: 0, against: 'ratio' };
const CPU_AN_EVENT: Column = {
  title: 'CPU µs/event',
  digits: 2,
  meter: { maxRatio: 1.1 },
  content: { maxRatio: 1.25 },
};

export const measures: readonly Measure[] = [
  requests('small-1', 'A small message, 1 connection', 1, 'small'),
  requests('small-16', 'A small message, 16 connections', 16, 'small'),
  requests('small-64', 'A small message, 64 connections', 64, 'small'),
  requests('agent-1', "A coding agent's 60 KB, 1 connection", 1, 'agent'),
  requests('agent-16', "A coding agent's 60 KB, 16 connections", 16, 'agent'),
  streams('streams', '100 streams, 50 events a second each', 'identity'),
  streams('gzip-streams', '100 streams in gzip, 50 events a second each', 'gzip'),
  together('streams-together', '100 streams through each at the same time', 'identity'),
  together('gzip-streams-together', '100 streams in gzip through each at the same time', 'gzip'),
  held('held', '1,000 streams held open after 500 events', 'identity', 8),
  held('gzip-held', '1,000 streams in gzip held open after 500 events', 'gzip', 80),
  {
    name: 'full-speed',
    title: 'One stream at full speed, in pieces of 64 KB',
    columns: [THROUGHPUT, { title: 'CPU ms/MB', digits: 2, meter: {} }],
    async run(load, target) {
      const bytes = 500 * MB;
      const { result, cpu } = await ask(load, target, { kind: 'download', chunkBytes: 64 * 1024, bytes });
      return [bytes / MB / result.seconds, cpu / 1000 / (bytes / MB)];
    },
  },
  {
    name: 'events',
    title: `One stream at full speed, in events of ${EVENT_BYTES} bytes`,
    columns: [{ title: 'events/s', digits: 0, against: 'ratio' }, CPU_AN_EVENT],
    async run(load, target) {
      await restart(target); // equal processes differ by 5 %, each for as long as it lives: a figure is that of several
      const job = { kind: 'download', chunkBytes: EVENT_BYTES, bytes: EVENT_BYTES * 1_000_000 } as const;
      for (let time = 0; time < DOWNLOADS_BEFORE; time++) await ask(load, target, job);
      const { result, cpu } = await ask(load, target, job);
      return [result.events / result.seconds, cpu / result.events];
    },
  },
  {
    name: 'upload',
    title: 'An upload of 30 MB',
    columns: [THROUGHPUT, { title: 'CPU ms/MB', digits: 2 }],
    async run(load, target) {
      const [bytes, times] = [30_000_000, 10];
      const { result, cpu } = await ask(load, target, { kind: 'upload', bytes, times });
      const megabytes = (bytes * times) / MB;
      return [megabytes / result.seconds, cpu / 1000 / megabytes];
    },
  },
];

/** The measures with TLS to the upstream: on one connection, for latency alone. */
export const tlsMeasures: readonly Measure[] = [
  requests('tls-warm', 'TLS to the upstream, connection kept', 1, 'small'),
  requests('tls-cold', 'TLS to the upstream, a new connection for each request', 1, 'small'),
];

function requests(name: string, title: string, connections: number, body: BodyName): Measure {
  return {
    name,
    title,
    columns: [RATE, P50, P99, { title: 'CPU µs/request', digits: 0, meter: {} }],
    async run(load, target, ms) {
      const { result, cpu } = await ask(load, target, { kind: 'requests', connections, body, ms });
      const { latencies, seconds } = result;
      return [
        result.requests / seconds,
        median(latencies),
        percentile(latencies, 0.99),
        cpu / result.requests,
      ];
    },
  };
}

function streams(name: string, title: string, coding: StreamCoding): Measure {
  return {
    name,
    title,
    columns: [
      { title: 'first byte p50 ms', digits: 2, against: 'difference' },
      { title: 'first byte p99 ms', digits: 2 },
      { title: 'event delay p50 ms', digits: 3, against: 'difference', meter: {} },
      { title: 'event delay p99 ms', digits: 3, against: 'difference', meter: {} },
      CPU_AN_EVENT,
    ],
    async run(load, target, ms) {
      const { result, cpu } = await ask(load, target, {
        kind: 'streams',
        count: 100,
        perSecond: 50,
        ms,
        coding,
      });
      const { firstBytes, eventDelays, events } = result;
      return [
        ...[median(firstBytes), percentile(firstBytes, 0.99)],
        ...[median(eventDelays), percentile(eventDelays, 0.99), cpu / events],
      ];
    },
  };
}

/** Measures for a comparison alone: what disturbs a target's events disturbs those of the others, and a delay is that of a machine on which all work at once. */
function together(name: string, title: string, coding: StreamCoding): Measure {
  return { ...streams(name, title, coding), isTogether: true };
}

/** Measures the memory of open streams in a process that has held none before, whose memory it would use again. */
function held(name: string, title: string, coding: StreamCoding, maxMoreKb: number): Measure {
  return {
    name,
    title,
    columns: [
      { title: 'KB of RSS/stream', digits: 1, meter: { maxDifference: maxMoreKb } },
      { title: 'CPU ms/s', digits: 1 },
    ],
    async run(load, target, ms) {
      await restart(target);
      const { endpoint, child } = target;
      const count = 1000;
      const before = child?.residentBytes ?? NaN;
      await load.ask({ endpoint, job: { kind: 'hold', count, coding } });
      await sleep(SETTLE_MS);
      const begun = child?.cpuMicroseconds ?? NaN;
      const at = performance.now();
      await sleep(ms);
      const cpu = (child?.cpuMicroseconds ?? NaN) - begun;
      const seconds = (performance.now() - at) / 1000;
      const grown = (child?.residentBytes ?? NaN) - before;
      await load.ask({ endpoint, job: { kind: 'release' } });
      await sleep(SETTLE_MS);
      return [grown / 1024 / count, cpu / 1000 / seconds];
    },
  };
}

/**
 * Runs a job.
 * @returns its result, and the CPU time in microseconds that the target's process took for it, with what it does behind the
 * last response; NaN if unknown.
 */
async function ask(
  load: Child,
  { endpoint, child }: Target,
  job: Job,
): Promise<{ result: LoadResult; cpu: number }> {
  const before = child?.cpuMicroseconds ?? NaN;
  const result = await load.ask({ endpoint, job });
  if (child !== undefined) await untilAtRest(child);
  return { result, cpu: (child?.cpuMicroseconds ?? NaN) - before };
}
