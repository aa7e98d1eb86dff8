import { Module } from '@nestjs/common';
import { ServerModule } from '../server/server.module';
import { DatabaseProbe } from './database-probe';
import { HealthController } from './health.controller';

@Module({
  imports: [ServerModule],
  controllers: [HealthController],
  providers: [DatabaseProbe],
})
export class HealthModule {}
