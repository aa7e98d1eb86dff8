import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module';
import { CredentialsModule } from '../credentials/credentials.module';
import { HealthModule } from '../health/health.module';
import { ForwardingService } from './forwarding.service';
import { OpenRequests } from './open-requests';
import { ProxyController } from './proxy.controller';

@Module({
  imports: [AuthModule, CredentialsModule, HealthModule],
  controllers: [ProxyController],
  providers: [ForwardingService, OpenRequests],
})
export class ProxyModule {}
