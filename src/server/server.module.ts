import { Module } from '@nestjs/common';
import { DrainService } from './drain.service';

@Module({ providers: [DrainService], exports: [DrainService] })
export class ServerModule {}
