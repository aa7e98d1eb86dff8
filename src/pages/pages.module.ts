import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module';
import { ServerController } from './server.controller';

/** What the web pages need of the server beyond the API that everybody uses. pages.ts serves their files. */
@Module({ imports: [AuthModule], controllers: [ServerController] })
export class PagesModule {}
