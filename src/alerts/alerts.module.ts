import { Module } from '@nestjs/common';
import { LimitsModule } from '../limits/limits.module';
import { AlertDeliveries } from './alert-deliveries';

/** Who outside is told, and how. */
@Module({ imports: [LimitsModule], providers: [AlertDeliveries], exports: [AlertDeliveries] })
export class AlertsModule {}
