import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditModule } from '../audit/audit.module';
import { AuthModule } from '../auth/auth.module';
import { CaptureModule } from '../capture/capture.module';
import { AgentSessionEntity } from '../metering/agent-session.entity';
import { CallEntity } from '../metering/call.entity';
import { OrgsModule } from '../orgs/orgs.module';
import { SealsModule } from '../seals/seals.module';
import { AuditedContentService } from './audited-content.service';
import { CallContentService } from './call-content.service';
import { MyTraceContentController } from './my-trace-content.controller';
import { MyTraceExportController } from './my-trace-export.controller';
import { MyTracesController } from './my-traces.controller';
import { OrgTraceContentController } from './org-trace-content.controller';
import { OrgTracesController } from './org-traces.controller';
import { OwnTitlesService } from './own-titles.service';
import { TraceAnswersService } from './trace-answers.service';
import { TraceContentService } from './trace-content.service';
import { TraceExportService } from './trace-export.service';
import { TraceSearchService } from './trace-search.service';
import { TracesService } from './traces.service';

/** What agents did in their sessions. */
@Module({
  imports: [
    TypeOrmModule.forFeature([AgentSessionEntity, CallEntity]),
    AuditModule,
    AuthModule,
    CaptureModule,
    OrgsModule,
    SealsModule,
  ],
  controllers: [
    MyTracesController,
    MyTraceContentController,
    MyTraceExportController,
    OrgTracesController,
    OrgTraceContentController,
  ],
  providers: [
    AuditedContentService,
    CallContentService,
    OwnTitlesService,
    TraceAnswersService,
    TraceContentService,
    TraceExportService,
    TraceSearchService,
    TracesService,
  ],
})
export class TracesModule {}
