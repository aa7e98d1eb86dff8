import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module';
import { ServerController } from './server.controller';

/** The endpoint that only the web pages need, in addition to the general API. pages.ts serves their files. */
@Module({ imports: [AuthModule], controllers: [ServerController] })
export class PagesModule {}
