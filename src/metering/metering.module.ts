import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AgentSessions } from './agent-sessions';
import { AnsweredCallsRepository } from './answered-calls.repository';
import { CallEntity } from './call.entity';
import { CallsService } from './calls.service';
import { LedgerRepository } from './ledger.repository';
import { LedgerRetentionService } from './ledger-retention.service';
import { LedgerService } from './ledger.service';
import { Meter } from './meter';
import { PricesService } from './prices.service';
import { UsageService } from './usage.service';

/** What calls cost: the meter, an observer that create-app.ts registers, and the ledger that it writes. */
@Module({
  imports: [TypeOrmModule.forFeature([CallEntity])],
  providers: [
    AgentSessions,
    AnsweredCallsRepository,
    CallsService,
    LedgerRepository,
    LedgerRetentionService,
    LedgerService,
    Meter,
    PricesService,
    UsageService,
  ],
  exports: [CallsService, LedgerService, PricesService, UsageService],
})
export class MeteringModule {}
