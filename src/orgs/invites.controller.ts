import { Body, Controller, Delete, Get, HttpCode, Post, Req } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { Throttle } from '@nestjs/throttler';
import { Request } from 'express';
import { ApiException } from '../api/api.exception';
import { IdParam } from '../api/id';
import { SIGN_IN_LIMITS } from '../api/rate-limits';
import { Refuses } from '../api/refuses';
import { AuditService } from '../audit/audit.service';
import { ClientInfo, RequestClientInfo } from '../audit/client-info';
import { CurrentUser } from '../auth/authenticated';
import { SignedInUser } from '../auth/principal';
import { InvitesService } from './invites.service';
import { AcceptInviteDto, CreateInviteDto, InviteDto, JoinedDto, NewInviteDto } from './members.dto';
import { OrgMembership, OrgRole } from './org-role';
import { MANAGERS, Membership } from './orgs.service';

const ORG = { name: 'org', type: String, example: 'acme', description: "The organization's name." };

@ApiTags('orgs')
@ApiBearerAuth()
@Controller('api/v1')
export class InvitesController {
  constructor(
    private readonly invites: InvitesService,
    private readonly audit: AuditService,
  ) {}

  @Get('orgs/:org/invites')
  @OrgRole(MANAGERS)
  @ApiParam(ORG)
  @ApiOperation({
    summary: "List an organization's open invites",
    description: 'The newest first. Never their codes.',
  })
  @ApiOkResponse({ type: [InviteDto] })
  @Refuses('insufficient_role', 'org_not_found')
  async list(@OrgMembership() { org }: Membership): Promise<InviteDto[]> {
    return (await this.invites.list(org.id)).map((invite) => InviteDto.of(invite));
  }

  @Post('orgs/:org/invites')
  @OrgRole(MANAGERS)
  @ApiParam(ORG)
  @ApiOperation({
    summary: 'Invite somebody to an organization',
    description: 'The answer shows the code, once. Who has it can sign up with it, once, for seven days.',
  })
  @ApiCreatedResponse({ type: NewInviteDto })
  @Refuses('insufficient_role', 'org_not_found', 'registration_closed', 'too_many_invites')
  async create(
    @CurrentUser() user: SignedInUser,
    @OrgMembership() membership: Membership,
    @Body() { role, email }: CreateInviteDto,
    @RequestClientInfo() clientInfo: ClientInfo,
  ): Promise<NewInviteDto> {
    const invite = await this.invites.create(membership, user.userId, role, email);
    await this.audit.record({
      action: 'invite_created',
      actor: user,
      orgId: membership.org.id,
      clientInfo,
      details: { invite_id: invite.entity.id, role, ...(email !== undefined && { email }) },
    });
    return NewInviteDto.ofNew(invite);
  }

  @Delete('orgs/:org/invites/:id')
  @OrgRole(MANAGERS)
  @ApiParam(ORG)
  @HttpCode(204)
  @ApiOperation({ summary: 'Withdraw an invite', description: 'Its code is worth nothing from then on.' })
  @ApiNoContentResponse()
  @Refuses('insufficient_role', 'org_not_found', 'invite_not_found')
  async withdraw(
    @CurrentUser() user: SignedInUser,
    @OrgMembership() { org }: Membership,
    @IdParam('id') id: string,
    @RequestClientInfo() clientInfo: ClientInfo,
  ): Promise<void> {
    if (!(await this.invites.withdraw(org.id, id)))
      throw new ApiException('invite_not_found', 'The organization has no such invite.');
    const details = { invite_id: id };
    await this.audit.record({
      action: 'invite_withdrawn',
      actor: user,
      orgId: org.id,
      clientInfo,
      details,
    });
  }

  @Post('invites/accept')
  @Throttle(SIGN_IN_LIMITS)
  @HttpCode(200)
  @ApiOperation({
    summary: 'Join an organization by invite',
    description: 'For somebody who has an account. Others give the code when they sign up.',
  })
  @ApiOkResponse({ type: JoinedDto })
  @Refuses('invalid_invite', 'invite_for_other_email', 'registration_closed', 'already_member')
  async accept(
    @CurrentUser() user: SignedInUser,
    @Body() { invite }: AcceptInviteDto,
    @RequestClientInfo() clientInfo: ClientInfo,
    @Req() request: Request,
  ): Promise<JoinedDto> {
    const joined = await this.invites.accept(user.userId, invite, request);
    await this.audit.record({
      action: 'invite_accepted',
      actor: user,
      orgId: joined.org.id,
      clientInfo,
      details: { invite_id: joined.inviteId, role: joined.role },
    });
    return JoinedDto.of(joined);
  }
}
