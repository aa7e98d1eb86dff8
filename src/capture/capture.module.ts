import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditModule } from '../audit/audit.module';
import { AuthModule } from '../auth/auth.module';
import { UserEntity } from '../auth/user.entity';
import { CONFIG, Config } from '../config/config';
import { CredentialsModule } from '../credentials/credentials.module';
import { Capture } from './capture';
import { CaptureController } from './capture.controller';
import { CaptureSettingsService } from './capture-settings.service';
import { ContentDeletionService } from './content-deletion.service';
import { ContentRemovals } from './content-removals';
import { ContentWriter } from './content-writer';
import { KeptContentService } from './kept-content.service';
import { FilePackStore, PACK_STORE } from './pack-store';
import { SecretNoticesService } from './secret-notices.service';
import { TraceBodyEntity } from './trace-body.entity';
import { TraceContentEntity } from './trace-content.entity';
import { TraceContentsRepository } from './trace-contents.repository';

/** What agents say, kept: an observer that create-app.ts registers copies it, and what it has kept can be read and deleted. */
@Module({
  imports: [
    TypeOrmModule.forFeature([TraceBodyEntity, TraceContentEntity, UserEntity]),
    AuditModule,
    AuthModule,
    CredentialsModule,
  ],
  controllers: [CaptureController],
  providers: [
    Capture,
    CaptureSettingsService,
    ContentDeletionService,
    ContentRemovals,
    ContentWriter,
    KeptContentService,
    SecretNoticesService,
    TraceContentsRepository,
    {
      provide: PACK_STORE,
      useFactory: ({ traces }: Config) => new FilePackStore(traces.directory),
      inject: [CONFIG],
    },
  ],
  exports: [ContentDeletionService, ContentWriter, KeptContentService],
})
export class CaptureModule {}
