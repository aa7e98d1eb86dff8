import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';
import { AuthCaches } from '../cache/auth-caches';
import { readWhenAsked } from './process-metrics';

/** The metrics of the auth caches: hits and misses, sizes, and whether the caches are trusted. */
@Injectable()
export class AuthCacheMetrics {
  constructor(registry: Registry, caches: AuthCaches) {
    const registers = [registry];
    new Counter({
      name: 'tracevault_auth_cache_requests_total',
      help: 'Lookups of sessions, proxy tokens and keys for the proxy: answered from memory, by the database, or by the database because changes on other replicas are not heard of.',
      labelNames: ['cache', 'result'],
      registers,
      collect() {
        this.reset();
        for (const [cache, { counts }] of caches.list()) {
          for (const [result, count] of Object.entries(counts)) this.inc({ cache, result }, count as number);
        }
      },
    });
    new Gauge({
      name: 'tracevault_auth_cache_entries',
      help: 'Sessions, proxy tokens and keys (their ciphertext) that are in memory.',
      labelNames: ['cache'],
      registers,
      collect() {
        for (const [cache, { size }] of caches.list()) this.set({ cache }, size);
      },
    });
    new Gauge({
      name: 'tracevault_auth_cache_trusted',
      help: 'Whether changes on other replicas are heard of; while they are not, every request asks the database.',
      registers,
      aggregator: 'min',
      collect: readWhenAsked(() => Number(caches.hasInvalidationFeed)),
    });
  }
}
