import { Body, Controller, Delete, HttpCode, Patch } from '@nestjs/common';
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
import { shownName } from './org-name';
import { OrgMembership, OrgRole } from './org-role';
import { OrgDto, UpdateOrgDto } from './orgs.dto';
import { MANAGERS, Membership, OrgsService } from './orgs.service';

const NOT_IN_IT = 'You are in no organization of this name.';

/** The endpoints for an organization as a whole: renaming it, and leaving it. */
@ApiTags('orgs')
@ApiBearerAuth()
@ApiParam({ name: 'org', type: String, example: 'acme', description: "The organization's name." })
@Refuses('org_not_found')
@Controller('api/v1/orgs/:org')
export class OrgsController {
  constructor(
    private readonly orgs: OrgsService,
    private readonly departures: DeparturesService,
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
