import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuthModule } from '../auth/auth.module';
import { OrgKeyLookup } from '../auth/principal';
import { ApiKeyEntity } from './api-key.entity';
import { ApiKeysController } from './api-keys.controller';
import { ApiKeysService } from './api-keys.service';
import { MembershipEntity } from './membership.entity';
import { OrgEntity } from './org.entity';
import { OrgsService } from './orgs.service';
import { RegistrationController } from './registration.controller';
import { RegistrationService } from './registration.service';

@Module({
  imports: [TypeOrmModule.forFeature([OrgEntity, MembershipEntity, ApiKeyEntity]), AuthModule],
  controllers: [RegistrationController, ApiKeysController],
  providers: [
    OrgsService,
    ApiKeysService,
    RegistrationService,
    { provide: OrgKeyLookup, useExisting: ApiKeysService },
  ],
  exports: [OrgsService, OrgKeyLookup],
})
export class OrgsModule {}
