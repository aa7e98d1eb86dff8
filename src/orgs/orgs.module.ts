import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditModule } from '../audit/audit.module';
import { AuthModule } from '../auth/auth.module';
import { OrgKeyVerifier } from '../auth/principal';
import { ApiKeyEntity } from './api-key.entity';
import { ApiKeysController } from './api-keys.controller';
import { ApiKeysService } from './api-keys.service';
import { DeparturesService } from './departures.service';
import { InviteEntity } from './invite.entity';
import { InvitesController } from './invites.controller';
import { InvitesService } from './invites.service';
import { MemberNamesService } from './member-names.service';
import { MembershipRemovalService } from './membership-removal.service';
import { MembersController } from './members.controller';
import { MembersService } from './members.service';
import { MembershipEntity } from './membership.entity';
import { OrgDeletionService } from './org-deletion.service';
import { OrgEntity } from './org.entity';
import { OrgsController } from './orgs.controller';
import { OrgsService } from './orgs.service';

@Module({
  imports: [
    TypeOrmModule.forFeature([OrgEntity, MembershipEntity, ApiKeyEntity, InviteEntity]),
    AuditModule,
    AuthModule,
  ],
  controllers: [OrgsController, ApiKeysController, MembersController, InvitesController],
  providers: [
    OrgsService,
    ApiKeysService,
    InvitesService,
    MemberNamesService,
    MembersService,
    DeparturesService,
    MembershipRemovalService,
    OrgDeletionService,
    { provide: OrgKeyVerifier, useExisting: ApiKeysService },
  ],
  exports: [
    OrgsService,
    MemberNamesService,
    MembersService,
    InvitesService,
    DeparturesService,
    OrgKeyVerifier,
  ],
})
export class OrgsModule {}
