import { Module } from '@nestjs/common';
import { AuthCaches } from './auth-caches';

@Module({ providers: [AuthCaches], exports: [AuthCaches] })
export class CacheModule {}
