import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { ApiErrors } from '../api/error.dto';
import { IdParam } from '../api/id';
import { AuditService } from '../audit/audit.service';
import { Origin, RequestOrigin } from '../audit/origin';
import { CurrentUser } from '../auth/authenticated';
import { SignedInUser } from '../auth/principal';
import { OrgMembership, OrgRole } from '../orgs/org-role';
import { MANAGERS, Membership } from '../orgs/orgs.service';
import { DeactivationService } from './deactivation.service';

const NOT_ONESELF = { 409: 'You can’t do this to yourself. Another owner or admin can.' };

@ApiTags('orgs')
@ApiBearerAuth()
@ApiParam({ name: 'org', example: 'acme', description: "The organization's name." })
@ApiErrors({
  401: 'Not signed in.',
  403: 'Only an owner or admin of the organization can do this; your role is developer.',
  404: 'The organization has no such member.',
})
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
    summary: 'End the access of a member who leaves',
    description:
      'Ends all their sessions and proxy tokens, and their use of the proxy from the next request on; they can’t sign in. Their account, ' +
      'their stored key and the audit trail stay. 204 also when they are deactivated already.',
  })
  @ApiNoContentResponse()
  @ApiErrors(NOT_ONESELF)
  async deactivate(
    @CurrentUser() user: SignedInUser,
    @OrgMembership() membership: Membership,
    @IdParam('id') id: string,
    @RequestOrigin() origin: Origin,
  ): Promise<void> {
    if (!(await this.deactivation.deactivate(user.userId, membership, id))) return;
    await this.audit.record({
      action: 'member_deactivated',
      actor: user,
      subjectId: id,
      orgId: membership.org.id,
      origin,
    });
  }

  @Post(':id/reactivate')
  @OrgRole(MANAGERS)
  @HttpCode(204)
  @ApiOperation({
    summary: 'Let a deactivated member in again',
    description: 'They sign in anew. 204 also when they are not deactivated.',
  })
  @ApiNoContentResponse()
  @ApiErrors(NOT_ONESELF)
  async reactivate(
    @CurrentUser() user: SignedInUser,
    @OrgMembership() membership: Membership,
    @IdParam('id') id: string,
    @RequestOrigin() origin: Origin,
  ): Promise<void> {
    if (!(await this.deactivation.reactivate(user.userId, membership, id))) return;
    await this.audit.record({
      action: 'member_reactivated',
      actor: user,
      subjectId: id,
      orgId: membership.org.id,
      origin,
    });
  }
}
