import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';
import { ContentWriter } from '../capture/content-writer';
import { CountedPackStore, STORE_OPERATIONS, STORE_RESULTS } from '../capture/counted-pack-store';
import { readWhenAsked } from './process-metrics';

/** The metrics of the content that is kept: what became of the bodies, and the memory of those that wait. */
@Injectable()
export class CaptureMetrics {
  constructor(registry: Registry, { buffer, counts, spool }: ContentWriter, store: CountedPackStore) {
    const registers = [registry];
    new Counter({
      name: 'tracevault_trace_bodies_total',
      help: 'Bodies of calls whose content is kept, by what became of them.',
      labelNames: ['state'],
      registers,
      collect() {
        this.reset();
        for (const [state, count] of counts) this.inc({ state }, count);
      },
    });
    new Counter({
      name: 'tracevault_trace_store_operations_total',
      help: 'What the store of kept content was asked for, by what became of it.',
      labelNames: ['operation', 'result'],
      registers,
      collect() {
        this.reset();
        for (const operation of STORE_OPERATIONS)
          for (const result of STORE_RESULTS) this.inc({ operation, result }, store.count(operation, result));
      },
    });
    new Gauge({
      name: 'tracevault_trace_buffer_bytes',
      help: 'Size of the bodies in memory that are not written yet, those of open calls included.',
      registers,
      collect: readWhenAsked(() => buffer.bytes),
    });
    new Gauge({
      name: 'tracevault_trace_spool_bytes',
      help: 'Size of the bodies on the disk that wait to be written.',
      registers,
      collect: readWhenAsked(() => spool.bytes),
    });
  }
}
