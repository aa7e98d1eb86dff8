import { DynamicModule, Inject, Module, OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import cluster from 'node:cluster';
import { Server } from 'node:http';
import { Logger } from 'pino';
import { Registry } from 'prom-client';
import { CacheModule } from '../cache/cache.module';
import { CONFIG, Config } from '../config/config';
import { LOGGER } from '../logging/logging.module';
import { AuthCacheMetrics } from './auth-cache-metrics';
import { serveMetrics } from './metrics-server';
import { ProcessMetrics } from './process-metrics';
import { RequestMetrics } from './request-metrics';
import { answerPrimary } from './workers-metrics';

/**
 * Counts, and serves what was counted, when TRACEVAULT_METRICS_PORT is set; costs nothing when it is not. A worker's counts
 * are served by its primary.
 */
@Module({})
export class MetricsModule implements OnApplicationBootstrap, OnApplicationShutdown {
  private server?: Server;

  constructor(
    private readonly registry: Registry,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  static with({ metrics }: Config): DynamicModule[] {
    if (metrics === undefined) return [];
    return [
      {
        module: MetricsModule,
        imports: [CacheModule],
        providers: [
          { provide: Registry, useFactory: () => new Registry() },
          RequestMetrics,
          AuthCacheMetrics,
          ProcessMetrics,
        ],
      },
    ];
  }

  async onApplicationBootstrap(): Promise<void> {
    const { metrics } = this.config;
    if (cluster.isWorker) answerPrimary(this.registry);
    else if (metrics !== undefined)
      this.server = await serveMetrics(metrics, () => this.registry.metrics(), this.logger);
  }

  /** The last to go: a scrape in the middle of a drain is answered. */
  onApplicationShutdown(): void {
    this.server?.close();
    this.server?.closeAllConnections();
  }
}
