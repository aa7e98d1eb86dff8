import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditModule } from '../audit/audit.module';
import { AuthModule } from '../auth/auth.module';
import { OrgKeyLookup } from '../auth/principal';
import { ApiKeyEntity } from './api-key.entity';
import { ApiKeysController } from './api-keys.controller';
import { ApiKeysService } from './api-keys.service';
import { AccountDeletionService } from './account-deletion.service';
import { DeactivationController } from './deactivation.controller';
import { DeactivationService } from './deactivation.service';
import { DeparturesService } from './departures.service';
import { InviteEntity } from './invite.entity';
import { InvitesController } from './invites.controller';
import { InvitesService } from './invites.service';
import { MembersController } from './members.controller';
import { MembersService } from './members.service';
import { MembershipEntity } from './membership.entity';
import { OrgEntity } from './org.entity';
import { OrgsController } from './orgs.controller';
import { OrgsService } from './orgs.service';
import { RegistrationController } from './registration.controller';
import { RegistrationService } from './registration.service';

@Module({
  imports: [
    TypeOrmModule.forFeature([OrgEntity, MembershipEntity, ApiKeyEntity, InviteEntity]),
    AuditModule,
    AuthModule,
  ],
  controllers: [
    RegistrationController,
    OrgsController,
    ApiKeysController,
    MembersController,
    DeactivationController,
    InvitesController,
  ],
  providers: [
    OrgsService,
    ApiKeysService,
    RegistrationService,
    InvitesService,
    MembersService,
    DeparturesService,
    DeactivationService,
    AccountDeletionService,
    { provide: OrgKeyLookup, useExisting: ApiKeysService },
  ],
  exports: [OrgsService, DeactivationService, AccountDeletionService, OrgKeyLookup],
})
export class OrgsModule {}
