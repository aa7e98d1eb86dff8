import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module';
import { CredentialsModule } from '../credentials/credentials.module';
import { LimitsModule } from '../limits/limits.module';
import { ServerModule } from '../server/server.module';
import { AccessWatch } from './access-watch';
import { Admission } from './admission';
import { CallerAuthentication } from './caller-authentication';
import { ForwardingService } from './forwarding.service';
import { KeyCheckService } from './key-check.service';
import { KeyOfCall } from './key-of-call';
import { ProxyController } from './proxy.controller';
import { UpstreamConnections } from './upstream-connections';

@Module({
  imports: [AuthModule, CredentialsModule, LimitsModule, ServerModule],
  controllers: [ProxyController],
  providers: [
    AccessWatch,
    Admission,
    CallerAuthentication,
    ForwardingService,
    KeyCheckService,
    KeyOfCall,
    UpstreamConnections,
  ],
  exports: [KeyCheckService],
})
export class ProxyModule {}
