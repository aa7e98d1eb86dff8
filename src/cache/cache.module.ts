import { Module } from '@nestjs/common';
import { LookupCaches } from './lookup-caches';

@Module({ providers: [LookupCaches], exports: [LookupCaches] })
export class CacheModule {}
