import { Module } from '@nestjs/common';
import { ConcurrencyLimits } from './concurrency-limits';

@Module({ providers: [ConcurrencyLimits], exports: [ConcurrencyLimits] })
export class LimitsModule {}
