import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module';
import { CredentialsModule } from '../credentials/credentials.module';
import { LimitsModule } from '../limits/limits.module';
import { ServerModule } from '../server/server.module';
import { CallerAuthentication } from './caller-authentication';
import { ForwardingService } from './forwarding.service';
import { KeyCheckService } from './key-check.service';
import { OpenUploads } from './open-uploads';
import { ProxyController } from './proxy.controller';
import { UpstreamConnections } from './upstream-connections';

@Module({
  imports: [AuthModule, CredentialsModule, LimitsModule, ServerModule],
  controllers: [ProxyController],
  providers: [CallerAuthentication, ForwardingService, KeyCheckService, OpenUploads, UpstreamConnections],
  exports: [KeyCheckService],
})
export class ProxyModule {}
