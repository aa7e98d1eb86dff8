import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { IdParam } from '../api/id';
import { Refuses } from '../api/refuses';
import { AuditService } from '../audit/audit.service';
import { ClientInfo, RequestClientInfo } from '../audit/client-info';
import { CurrentUser } from '../auth/authenticated';
import { SignedInUser } from '../auth/principal';
import { OrgMembership, OrgRole } from '../orgs/org-role';
import { MANAGERS, Membership } from '../orgs/orgs.service';
import { DeactivationService } from './deactivation.service';

@ApiTags('orgs')
@ApiBearerAuth()
@ApiParam({ name: 'org', type: String, example: 'acme', description: "The organization's name." })
@Refuses('insufficient_role', 'org_not_found')
@Controller('api/v1/orgs/:org/members')
export class DeactivationController {
  constructor(
    private readonly deactivation: DeactivationService,
    private readonly audit: AuditService,
  ) {}

  @Post(':id/deactivate')
  @OrgRole(MANAGERS)
  @HttpCode(204)
  @ApiOperation({
    summary: 'Revoke the access of a member who leaves',
    description:
      'Revokes all their sessions and proxy tokens, and their use of the proxy from the next request on; they can’t sign in. Their account, ' +
      'their stored key and the audit trail stay. 204 also when they are deactivated already.',
  })
  @ApiNoContentResponse()
  @Refuses('member_not_found', 'own_membership', 'member_of_other_org')
  async deactivate(
    @CurrentUser() user: SignedInUser,
    @OrgMembership() membership: Membership,
    @IdParam('id') id: string,
    @RequestClientInfo() clientInfo: ClientInfo,
  ): Promise<void> {
    if (!(await this.deactivation.deactivate(user.userId, membership, id))) return;
    await this.audit.record({
      action: 'member_deactivated',
      actor: user,
      subjectId: id,
      orgId: membership.org.id,
      clientInfo,
    });
  }

  @Post(':id/reactivate')
  @OrgRole(MANAGERS)
  @HttpCode(204)
  @ApiOperation({
    summary: 'Let a deactivated member in again',
    description: 'They sign in again. 204 also when they are not deactivated.',
  })
  @ApiNoContentResponse()
  @Refuses('member_not_found', 'own_membership', 'member_of_other_org')
  async reactivate(
    @CurrentUser() user: SignedInUser,
    @OrgMembership() membership: Membership,
    @IdParam('id') id: string,
    @RequestClientInfo() clientInfo: ClientInfo,
  ): Promise<void> {
    if (!(await this.deactivation.reactivate(user.userId, membership, id))) return;
    await this.audit.record({
      action: 'member_reactivated',
      actor: user,
      subjectId: id,
      orgId: membership.org.id,
      clientInfo,
    });
  }
}
