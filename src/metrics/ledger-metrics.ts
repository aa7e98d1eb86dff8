import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';
import { LedgerService } from '../metering/ledger.service';
import { readWhenAsked } from './process-metrics';

/** The metrics of the ledger's writer: what waits for the database, what was lost, and which writes failed. */
@Injectable()
export class LedgerMetrics {
  constructor(registry: Registry, { state }: LedgerService) {
    const registers = [registry];
    new Gauge({
      name: 'tracevault_ledger_waiting_calls',
      help: 'Finished calls that the database does not have yet.',
      registers,
      collect: readWhenAsked(() => state.waitingCount),
    });
    new Gauge({
      name: 'tracevault_ledger_spool_bytes',
      help: 'Size of the files in which calls wait for the database.',
      registers,
      collect: readWhenAsked(() => state.spooledBytes),
    });
    new Gauge({
      name: 'tracevault_ledger_oldest_waiting_seconds',
      help: 'Since the call that has waited longest for the database ended; 0 if none waits.',
      registers,
      aggregator: 'max',
      collect: readWhenAsked(() => secondsSince(state.oldestWaitingSince)),
    });
    new Counter({
      name: 'tracevault_ledger_dropped_calls_total',
      help: 'Calls that are missing from the ledger: too many waited, or they could not be recorded.',
      registers,
      collect() {
        this.reset();
        this.inc(state.droppedCount);
      },
    });
    new Counter({
      name: 'tracevault_ledger_write_failures_total',
      help: 'Failed writes of finished calls, to the database or to the spool. They are tried again.',
      labelNames: ['store'],
      registers,
      collect() {
        this.reset();
        for (const [store, count] of Object.entries(state.failures)) this.inc({ store }, count);
      },
    });
  }
}

/** @param since in milliseconds since 1970. */
function secondsSince(since: number | undefined): number {
  return since === undefined ? 0 : Math.max(0, Date.now() - since) / 1000;
}
