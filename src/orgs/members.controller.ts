import { Body, Controller, Delete, Get, HttpCode, Patch } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { IdParam } from '../api/id';
import { Refuses } from '../api/refuses';
import { AuditService } from '../audit/audit.service';
import { ClientInfo, RequestClientInfo } from '../audit/client-info';
import { CurrentUser } from '../auth/authenticated';
import { SignedInUser } from '../auth/principal';
import { ChangeRoleDto, ListedMemberDto, MemberDto } from './members.dto';
import { MembersService } from './members.service';
import { OrgMembership, OrgRole } from './org-role';
import { MANAGERS, Membership, OVERSEERS } from './orgs.service';

@ApiTags('orgs')
@ApiBearerAuth()
@ApiParam({ name: 'org', type: String, example: 'acme', description: "The organization's name." })
@Refuses('insufficient_role', 'org_not_found')
@Controller('api/v1/orgs/:org/members')
export class MembersController {
  constructor(
    private readonly members: MembersService,
    private readonly audit: AuditService,
  ) {}

  @Get()
  @OrgRole(OVERSEERS)
  @ApiOperation({
    summary: "List an organization's members",
    description: 'In the order of their emails. For owners, admins and auditors.',
  })
  @ApiOkResponse({ type: [ListedMemberDto] })
  async list(@OrgMembership() { org }: Membership): Promise<ListedMemberDto[]> {
    return (await this.members.list(org.id)).map((member) => ListedMemberDto.ofListed(member));
  }

  @Patch(':id')
  @OrgRole(MANAGERS)
  @ApiOperation({
    summary: 'Change the role of a member',
    description:
      'Nobody gives or takes more than they have: an admin neither makes nor changes an owner or an auditor. One’s own role can be lowered, ' +
      'an owner’s as long as another one stays.',
  })
  @ApiOkResponse({ type: MemberDto })
  @Refuses('member_not_found', 'last_owner')
  async changeRole(
    @CurrentUser() user: SignedInUser,
    @OrgMembership() membership: Membership,
    @IdParam('id') id: string,
    @Body() { role }: ChangeRoleDto,
    @RequestClientInfo() clientInfo: ClientInfo,
  ): Promise<MemberDto> {
    const { member, from } = await this.members.changeRole(user.userId, membership, id, role);
    const told = { ...decided(user, membership, id, clientInfo), details: { role, from } };
    if (from !== role) await this.audit.record({ ...told, action: 'role_changed' });
    return MemberDto.of(member);
  }

  @Delete(':id')
  @OrgRole(MANAGERS)
  @HttpCode(204)
  @ApiOperation({
    summary: 'Remove a member from an organization',
    description: 'From this one alone: they keep their account, their own key and what they are in others.',
  })
  @ApiNoContentResponse()
  @Refuses('member_not_found', 'own_membership')
  async remove(
    @CurrentUser() user: SignedInUser,
    @OrgMembership() membership: Membership,
    @IdParam('id') id: string,
    @RequestClientInfo() clientInfo: ClientInfo,
  ): Promise<void> {
    await this.members.remove(user.userId, membership, id);
    await this.audit.record({ ...decided(user, membership, id, clientInfo), action: 'member_removed' });
  }
}

function decided(actor: SignedInUser, { org }: Membership, subjectId: string, clientInfo: ClientInfo) {
  return { actor, subjectId, orgId: org.id, clientInfo };
}
