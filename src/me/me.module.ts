import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module';
import { CredentialsModule } from '../credentials/credentials.module';
import { OrgsModule } from '../orgs/orgs.module';
import { MeController } from './me.controller';
import { ProfileController } from './profile.controller';

@Module({
  imports: [AuthModule, OrgsModule, CredentialsModule],
  controllers: [MeController, ProfileController],
})
export class MeModule {}
