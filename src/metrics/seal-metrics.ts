import { Injectable } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';
import { SealingService } from '../seals/sealing.service';

/** The metrics of seals: what was sealed, and how often it failed. */
@Injectable()
export class SealMetrics {
  constructor(registry: Registry, sealing: SealingService) {
    const registers = [registry];
    new Counter({
      name: 'tracevault_sealed_records_total',
      help: 'Calls and audit events that this process has sealed.',
      registers,
      collect() {
        this.reset();
        this.inc(sealing.counts.sealed);
      },
    });
    new Counter({
      name: 'tracevault_seal_failures_total',
      help: 'Runs in which this process could not seal what was recorded.',
      registers,
      collect() {
        this.reset();
        this.inc(sealing.counts.failed);
      },
    });
  }
}
