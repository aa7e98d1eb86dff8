import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module';
import { CredentialsModule } from '../credentials/credentials.module';
import { HealthModule } from '../health/health.module';
import { CallerAuthentication } from './caller-authentication';
import { ForwardingService } from './forwarding.service';
import { OpenRequests } from './open-requests';
import { OpenUploads } from './open-uploads';
import { ProxyController } from './proxy.controller';

@Module({
  imports: [AuthModule, CredentialsModule, HealthModule],
  controllers: [ProxyController],
  providers: [CallerAuthentication, ForwardingService, OpenRequests, OpenUploads],
})
export class ProxyModule {}
