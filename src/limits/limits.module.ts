import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditModule } from '../audit/audit.module';
import { AuthModule } from '../auth/auth.module';
import { ProxyTokenEntity } from '../auth/proxy-token.entity';
import { CacheModule } from '../cache/cache.module';
import { MeteringModule } from '../metering/metering.module';
import { OrgsModule } from '../orgs/orgs.module';
import { CallEstimates } from './call-estimates';
import { CallLimitsService } from './call-limits.service';
import { ConcurrencyLimits } from './concurrency-limits';
import { EffectiveLimitsService } from './effective-limits.service';
import { GrantsRepository } from './grants.repository';
import { LimitAlertsRepository } from './limit-alerts.repository';
import { LimitAlertsService } from './limit-alerts.service';
import { LimitEntity } from './limit.entity';
import { LimitsController } from './limits.controller';
import { LimitsService } from './limits.service';
import { MyLimitsController } from './my-limits.controller';
import { OrgLimitsService } from './org-limits.service';
import { Quotas } from './quotas';
import { Reservations } from './reservations';

/** Whether calls are within limits: how many are open, what they cost, which models they ask for. */
@Module({
  imports: [
    TypeOrmModule.forFeature([LimitEntity, ProxyTokenEntity]),
    AuditModule,
    AuthModule,
    CacheModule,
    MeteringModule,
    OrgsModule,
  ],
  controllers: [LimitsController, MyLimitsController],
  providers: [
    CallEstimates,
    CallLimitsService,
    ConcurrencyLimits,
    EffectiveLimitsService,
    GrantsRepository,
    LimitAlertsRepository,
    LimitAlertsService,
    LimitsService,
    OrgLimitsService,
    Quotas,
    Reservations,
  ],
  exports: [CallLimitsService, ConcurrencyLimits, LimitAlertsService, Reservations],
})
export class LimitsModule {}
