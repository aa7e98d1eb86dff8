import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module';
import { AuthModule } from '../auth/auth.module';
import { CredentialsModule } from '../credentials/credentials.module';
import { OrgsModule } from '../orgs/orgs.module';
import { ProxyModule } from '../proxy/proxy.module';
import { AuditEventsController } from './audit-events.controller';
import { MeController } from './me.controller';
import { ProfileController } from './profile.controller';
import { ProxyTokensController } from './proxy-tokens.controller';

@Module({
  imports: [AuditModule, AuthModule, OrgsModule, CredentialsModule, ProxyModule],
  controllers: [MeController, AuditEventsController, ProfileController, ProxyTokensController],
})
export class MeModule {}
