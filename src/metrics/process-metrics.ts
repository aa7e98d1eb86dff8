import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import cluster from 'node:cluster';
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { DataSource } from 'typeorm';

/** What is read of node-postgres's pool, behind either database. */
interface Pool {
  readonly options: { readonly max: number };
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
}

/** They walk over every open socket each time they are read, and a busy proxy has thousands. */
const TOO_DEAR = ['nodejs_active_handles', 'nodejs_active_requests', 'nodejs_active_resources'];

/** Of several workers the slowest is what people feel; the library would show the average, behind which it hides. */
const OF_THE_WORST = ['', '_mean', '_stddev', '_p50', '_p90', '_p99'];

/** How the process is: the event loop, memory, garbage collection. */
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

/** How many processes serve, and how many have crashed. A server without workers of its own is one of one. */
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

/** The process, and its connections to the database. */
@Injectable()
export class ProcessMetrics {
  constructor(registry: Registry, @InjectDataSource() { driver }: DataSource) {
    watchProcess(registry);
    if (cluster.isPrimary) countWorkers(registry, 1, () => 1); // or else that is for the primary to know
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

/** Sets a gauge when it is read, instead of each time that its value changes. */
export function readWhenAsked(read: () => number): (this: Gauge) => void {
  return function () {
    this.set(read());
  };
}
