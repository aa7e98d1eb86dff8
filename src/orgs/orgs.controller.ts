import { Body, Controller, Delete, HttpCode, Patch, Query } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { ApiException } from '../api/api.exception';
import { Refuses } from '../api/refuses';
import { AuditService } from '../audit/audit.service';
import { ClientInfo, RequestClientInfo } from '../audit/client-info';
import { CurrentUser } from '../auth/authenticated';
import { SignedInUser } from '../auth/principal';
import { DeparturesService } from './departures.service';
import { ROLES } from './membership.entity';
import { OrgDeletionService } from './org-deletion.service';
import { shownName } from './org-name';
import { OrgMembership, OrgRole } from './org-role';
import { DeleteOrgQueryDto, OrgDto, UpdateOrgDto } from './orgs.dto';
import { MANAGERS, Membership, OrgsService, OWNERS } from './orgs.service';

const NOT_IN_IT = 'You are in no organization of this name.';

/** The endpoints for an organization as a whole: changing, leaving and deleting it. */
@ApiTags('orgs')
@ApiBearerAuth()
@ApiParam({ name: 'org', type: String, example: 'acme', description: "The organization's name." })
@Refuses('org_not_found')
@Controller('api/v1/orgs/:org')
export class OrgsController {
  constructor(
    private readonly orgs: OrgsService,
    private readonly departures: DeparturesService,
    private readonly deletion: OrgDeletionService,
    private readonly audit: AuditService,
  ) {}

  @Patch()
  @OrgRole(MANAGERS)
  @ApiOperation({
    summary: 'Change an organization',
    description:
      'How people see it, whether its members use keys of their own, and whether the content of its calls is kept. Its name in URLs stays, and so does everything that refers to it.',
  })
  @ApiOkResponse({ type: OrgDto })
  @Refuses('insufficient_role')
  async update(
    @CurrentUser() user: SignedInUser,
    @OrgMembership() { org }: Membership,
    @Body() { display_name, personal_keys, capture }: UpdateOrgDto,
    @RequestClientInfo() clientInfo: ClientInfo,
  ): Promise<OrgDto> {
    if (display_name === undefined && personal_keys === undefined && capture === undefined)
      throw new ApiException('required', 'Give display_name, personal_keys or capture.');
    const changed = await this.orgs.update(org.id, {
      displayName: display_name,
      personalKeys: personal_keys,
      capture,
    });
    if (changed === undefined) throw new ApiException('org_not_found', NOT_IN_IT);
    const event = { actor: user, orgId: org.id, clientInfo };
    const details = { name: shownName(changed), org_name: org.name };
    if (changed.displayName !== org.displayName)
      await this.audit.record({ ...event, action: 'org_renamed', details });
    if (changed.personalKeys !== org.personalKeys)
      await this.audit.record({
        ...event,
        action: 'org_personal_keys_changed',
        details: { personal_keys: changed.personalKeys },
      });
    if (changed.capture !== org.capture)
      await this.audit.record({
        ...event,
        action: 'org_capture_changed',
        details: { capture: changed.capture },
      });
    return OrgDto.of(changed);
  }

  @Delete()
  @OrgRole(OWNERS)
  @HttpCode(204)
  @ApiOperation({
    summary: 'Delete an organization',
    description:
      'For owners, at once and for good, whoever else is in it. Its members keep their accounts and their own keys, and have their calls and traces to themselves. ' +
      'Shared keys, API keys, invites and limits go, proxy tokens for it are revoked. The audit trail and the seals stay with whoever runs the server.',
  })
  @ApiNoContentResponse()
  @Refuses('insufficient_role', 'not_allowed')
  async delete(
    @CurrentUser() user: SignedInUser,
    @OrgMembership() { org }: Membership,
    @Query() { confirm }: DeleteOrgQueryDto,
    @RequestClientInfo() clientInfo: ClientInfo,
  ): Promise<void> {
    if (confirm !== org.name)
      throw new ApiException(
        'not_allowed',
        `confirm must be the name of the organization in its URL form, "${org.name}". Nothing was deleted.`,
        { field: 'confirm' },
      );
    const memberIds = await this.deletion.delete(user.userId, org.id);
    const done = { actor: user, orgId: org.id, clientInfo };
    const details = { name: org.name, members: memberIds.length };
    await this.audit.record({ ...done, action: 'org_deleted', details });
    for (const subjectId of memberIds.filter((id) => id !== user.userId))
      await this.audit.record({
        ...done,
        subjectId,
        action: 'member_removed',
        details: { deleted_org: org.name },
      });
  }

  @Delete('members/me')
  @OrgRole(ROLES)
  @HttpCode(204)
  @ApiOperation({
    summary: 'Leave an organization',
    description:
      'My account and my own key stay. When nobody else is in it, it is deleted with its API keys and invites; while others ' +
      'are, its last owner can’t leave.',
  })
  @ApiNoContentResponse()
  @Refuses('last_owner')
  async leave(
    @CurrentUser() user: SignedInUser,
    @OrgMembership() membership: Membership,
    @RequestClientInfo() clientInfo: ClientInfo,
  ): Promise<void> {
    const { org } = membership;
    const { role, orgDeleted } = await this.departures.leave(user.userId, membership);
    const done = { actor: user, orgId: org.id, clientInfo };
    await this.audit.record({ ...done, action: 'member_left', details: { role } });
    if (orgDeleted) await this.audit.record({ ...done, action: 'org_deleted', details: { name: org.name } });
  }
}
