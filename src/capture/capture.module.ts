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
import { CountedPackStore } from './counted-pack-store';
import { FilePackStore } from './file-pack-store';
import { KeptContentService } from './kept-content.service';
import { PACK_STORE } from './pack-store';
import { S3PackStore } from './s3-pack-store';
import { SecretNoticesService } from './secret-notices.service';
import { TraceBodyEntity } from './trace-body.entity';
import { TraceContentEntity } from './trace-content.entity';
import { TraceContentsRepository } from './trace-contents.repository';
import { TraceStoreCheck } from './trace-store-check';

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
    TraceStoreCheck,
    {
      provide: CountedPackStore,
      useFactory: ({ traces: { bucket, directory }, upstream }: Config) =>
        new CountedPackStore(
          bucket === undefined ? new FilePackStore(directory) : new S3PackStore(bucket, upstream),
        ),
      inject: [CONFIG],
    },
    { provide: PACK_STORE, useExisting: CountedPackStore },
  ],
  exports: [ContentDeletionService, ContentWriter, CountedPackStore, KeptContentService],
})
export class CaptureModule {}
