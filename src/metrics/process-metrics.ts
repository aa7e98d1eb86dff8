import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import cluster from 'node:cluster';
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { DataSource } from 'typeorm';

/** The part of node-postgres's pool that is read; both databases have such a pool. */
interface Pool {
  readonly options: { readonly max: number };
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
}

/** The default metrics that are left out: each scrape of them visits every open socket, of which a busy proxy has thousands. */
const TOO_DEAR = ['nodejs_active_handles', 'nodejs_active_requests', 'nodejs_active_resources'];

/**
 * The suffixes of the event loop lag metrics, which are aggregated by maximum over the workers: users notice the slowest
 * worker, and the library's default, the average, would hide it.
 */
const OF_THE_WORST = ['', '_mean', '_stddev', '_p50', '_p90', '_p99'];

/** Collects the default metrics of the process: event loop, memory, garbage collection. */
export function watchProcess(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
  for (const name of TOO_DEAR) {
    registry.removeSingleMetric(name);
    registry.removeSingleMetric(`${name}_total`);
  }
  for (const part of OF_THE_WORST) {
    const lag = registry.getSingleMetric(`nodejs_eventloop_lag${part}_seconds`);
    if (lag !== undefined) Object.assign(lag, { aggregator: 'max' });
  }
}

/**
 * Registers the metrics of worker processes. A server without workers reports itself as one of one.
 * @returns the counter of crashed workers, which the caller increments.
 */
export function countWorkers(registry: Registry, wanted: number, ready: () => number): Counter {
  const registers = [registry];
  new Gauge({
    name: 'tracevault_workers_wanted',
    help: 'Processes that should serve.',
    registers,
    collect: readWhenAsked(() => wanted),
  });
  new Gauge({
    name: 'tracevault_workers_ready',
    help: 'Processes that serve.',
    registers,
    collect: readWhenAsked(ready),
  });
  return new Counter({ name: 'tracevault_worker_crashes_total', help: 'Workers that crashed.', registers });
}

/** The metrics of the process and of its pool of database connections. */
@Injectable()
export class ProcessMetrics {
  constructor(registry: Registry, @InjectDataSource() { driver }: DataSource) {
    watchProcess(registry);
    if (cluster.isPrimary) countWorkers(registry, 1, () => 1); // for workers the primary reports it
    const { master: pool } = driver as unknown as { readonly master: Pool };
    const gauges: [string, string, () => number][] = [
      ['max', 'Database connections that there may be.', () => pool.options.max],
      ['size', 'Database connections that there are.', () => pool.totalCount],
      ['idle', 'Database connections that nobody uses now.', () => pool.idleCount],
      ['waiting', 'Queries that wait for a database connection.', () => pool.waitingCount],
    ];
    for (const [name, help, read] of gauges) {
      const registers = [registry];
      new Gauge({ name: `tracevault_db_pool_${name}`, help, registers, collect: readWhenAsked(read) });
    }
  }
}

/** Returns a `collect` function that sets a gauge when it is scraped, instead of whenever its value changes. */
export function readWhenAsked(read: () => number): (this: Gauge) => void {
  return function () {
    this.set(read());
  };
}
