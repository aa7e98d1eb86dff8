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
 * Collects and serves metrics when TRACEVAULT_METRICS_PORT is set, and costs nothing when it is not. The metrics of workers are
 * served by their primary.
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

  /** Closes the metrics server in the last phase of a shutdown, so that scrapes during a drain are still served. */
  onApplicationShutdown(): void {
    this.server?.close();
    this.server?.closeAllConnections();
  }
}
