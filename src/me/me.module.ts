import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module';
import { AuthModule } from '../auth/auth.module';
import { CredentialsModule } from '../credentials/credentials.module';
import { MeteringModule } from '../metering/metering.module';
import { OrgsModule } from '../orgs/orgs.module';
import { ProxyModule } from '../proxy/proxy.module';
import { AuditEventsController } from './audit-events.controller';
import { KeyStorageService } from './key-storage.service';
import { KeysController } from './keys.controller';
import { MeController } from './me.controller';
import { OrgAuditEventsController } from './org-audit-events.controller';
import { OrgKeysController } from './org-keys.controller';
import { OrgUsageController } from './org-usage.controller';
import { PricesController } from './prices.controller';
import { ProfileController } from './profile.controller';
import { ProxyTokensController } from './proxy-tokens.controller';
import { UsageAnswersService } from './usage-answers.service';
import { UsageController } from './usage.controller';
import { UsageFilesService } from './usage-files.service';

@Module({
  imports: [AuditModule, AuthModule, OrgsModule, CredentialsModule, MeteringModule, ProxyModule],
  controllers: [
    MeController,
    KeysController,
    OrgKeysController,
    OrgUsageController,
    OrgAuditEventsController,
    AuditEventsController,
    PricesController,
    ProfileController,
    ProxyTokensController,
    UsageController,
  ],
  providers: [KeyStorageService, UsageAnswersService, UsageFilesService],
})
export class MeModule {}
