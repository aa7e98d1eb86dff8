import { Module } from '@nestjs/common';
import { DatabaseProbe } from './database-probe';
import { DrainService } from './drain.service';
import { HealthController } from './health.controller';

@Module({
  controllers: [HealthController],
  providers: [DatabaseProbe, DrainService],
  exports: [DrainService],
})
export class HealthModule {}
