import { DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { ThrottlerModule } from '@nestjs/throttler';
import { Logger } from 'pino';
import { AccountsModule } from './accounts/accounts.module';
import { AlertsModule } from './alerts/alerts.module';
import { AGENT_PATHS } from './api/agent-paths';
import { ApiErrorFilter } from './api/api-error.filter';
import { ApiThrottlerGuard } from './api/api-throttler.guard';
import { API_LIMITS } from './api/rate-limits';
import { ApiValidationPipe } from './api/validation.pipe';
import { auditRetention } from './audit/audit-retention';
import { AuthGuard } from './auth/auth.guard';
import { AUTH_RETENTION } from './auth/auth-retention';
import { AuthModule } from './auth/auth.module';
import { Config } from './config/config';
import { ChangeListener } from './cache/change-listener';
import { CacheModule } from './cache/cache.module';
import { ConfigModule } from './config/config.module';
import { CredentialsModule } from './credentials/credentials.module';
import { DatabaseModule } from './database/database.module';
import { ExchangeModule } from './exchange/exchange.module';
import { EmbeddedMaintenanceService } from './database/embedded-maintenance.service';
import { LIMITS_RETENTION } from './limits/limits-retention';
import { HealthModule } from './health/health.module';
import { LoggingModule } from './logging/logging.module';
import { MeModule } from './me/me.module';
import { MeteringModule } from './metering/metering.module';
import { MetricsModule } from './metrics/metrics.module';
import { ORGS_RETENTION } from './orgs/orgs-retention';
import { OrgsModule } from './orgs/orgs.module';
import { PagesModule } from './pages/pages.module';
import { ProvidersModule } from './providers/providers.module';
import { Routes } from './providers/routes';
import { ProxyModule } from './proxy/proxy.module';
import { RetentionModule } from './retention/retention.module';
import { SealsModule } from './seals/seals.module';
import { TelemetryModule } from './telemetry/telemetry.module';
import { TracesModule } from './traces/traces.module';

/** The root module of the server. */
@Module({})
export class AppModule {
  static with(config: Config, logger: Logger, routes: Routes): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.with(config),
        LoggingModule.with(logger),
        ExchangeModule,
        ProvidersModule.with(routes),
        ThrottlerModule.forRoot({ throttlers: API_LIMITS, skipIf: () => !config.rateLimits }),
        DatabaseModule.with(config),
        CacheModule,
        AuthModule,
        OrgsModule,
        AccountsModule,
        CredentialsModule,
        MeteringModule,
        MeModule,
        ProxyModule,
        AlertsModule,
        HealthModule,
        SealsModule,
        TelemetryModule,
        TracesModule,
        PagesModule,
        RetentionModule.with([
          ...auditRetention(config),
          ...AUTH_RETENTION,
          ...ORGS_RETENTION,
          ...LIMITS_RETENTION,
        ]),
        ...MetricsModule.with(config),
      ],
      providers: [
        EmbeddedMaintenanceService, // not in DatabaseModule: the operator's commands are short-lived
        ChangeListener, // not in CacheModule: the operator's commands cache nothing
        { provide: APP_GUARD, useClass: ApiThrottlerGuard }, // first: a limit must hold before a password is hashed
        { provide: APP_GUARD, useClass: AuthGuard },
        { provide: AGENT_PATHS, useValue: routes.list().map(({ provider }) => provider.prefix) },
        { provide: APP_FILTER, useClass: ApiErrorFilter },
        { provide: APP_PIPE, useClass: ApiValidationPipe },
      ],
    };
  }
}
