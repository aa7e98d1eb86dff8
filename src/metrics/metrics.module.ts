import { DynamicModule, Inject, Module, OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import cluster from 'node:cluster';
import { Server } from 'node:http';
import { Logger } from 'pino';
import { Registry } from 'prom-client';
import { AlertsModule } from '../alerts/alerts.module';
import { CaptureModule } from '../capture/capture.module';
import { CacheModule } from '../cache/cache.module';
import { CONFIG, Config } from '../config/config';
import { LimitsModule } from '../limits/limits.module';
import { LOGGER } from '../logging/logging.module';
import { MeteringModule } from '../metering/metering.module';
import { TelemetryModule } from '../telemetry/telemetry.module';
import { AuthCacheMetrics } from './auth-cache-metrics';
import { CallMetrics } from './call-metrics';
import { CaptureMetrics } from './capture-metrics';
import { LedgerMetrics } from './ledger-metrics';
import { LimitsMetrics } from './limits-metrics';
import { serveMetrics } from './metrics-server';
import { SealsModule } from '../seals/seals.module';
import { ProcessMetrics } from './process-metrics';
import { RequestMetrics } from './request-metrics';
import { SealMetrics } from './seal-metrics';
import { TelemetryMetrics } from './telemetry-metrics';
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
        imports: [
          AlertsModule,
          CacheModule,
          CaptureModule,
          LimitsModule,
          MeteringModule,
          SealsModule,
          TelemetryModule,
        ],
        providers: [
          { provide: Registry, useFactory: () => new Registry() },
          RequestMetrics,
          AuthCacheMetrics,
          CallMetrics,
          CaptureMetrics,
          LedgerMetrics,
          LimitsMetrics,
          ProcessMetrics,
          SealMetrics,
          TelemetryMetrics,
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
