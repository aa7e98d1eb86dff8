import { Body, Controller, Delete, Get, HttpCode, NotFoundException, Post, Req } from '@nestjs/common';
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
import { ApiErrors } from '../api/error.dto';
import { IdParam } from '../api/id';
import { SIGN_IN_LIMITS } from '../api/rate-limits';
import { AuditService } from '../audit/audit.service';
import { Origin, RequestOrigin } from '../audit/origin';
import { CurrentUser } from '../auth/authenticated';
import { SignedInUser } from '../auth/principal';
import { InvitesService } from './invites.service';
import { AcceptInviteDto, CreateInviteDto, InviteDto, JoinedDto, NewInviteDto } from './members.dto';
import { OrgMembership, OrgRole } from './org-role';
import { MANAGERS, Membership } from './orgs.service';

const ORG = { name: 'org', example: 'acme', description: "The organization's name." };

@ApiTags('orgs')
@ApiBearerAuth()
@ApiErrors({
  401: 'Not signed in.',
  403: 'Only an owner or admin of the organization can do this; your role is developer.',
})
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
  @ApiErrors({ 404: 'You are in no organization of this name.' })
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
  @ApiErrors({
    400: 'role must be one of the following values: owner, admin, developer',
    404: 'You are in no organization of this name.',
    409: 'The organization has 100 open invites, which is the most it can have. Withdraw some first.',
  })
  async create(
    @CurrentUser() user: SignedInUser,
    @OrgMembership() membership: Membership,
    @Body() { role, email }: CreateInviteDto,
    @RequestOrigin() origin: Origin,
  ): Promise<NewInviteDto> {
    const invite = await this.invites.create(membership, user.userId, role, email);
    await this.audit.record({
      action: 'invite_made',
      actor: user,
      orgId: membership.org.id,
      origin,
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
  @ApiErrors({ 404: 'The organization has no such invite.' })
  async withdraw(
    @CurrentUser() user: SignedInUser,
    @OrgMembership() { org }: Membership,
    @IdParam('id') id: string,
    @RequestOrigin() origin: Origin,
  ): Promise<void> {
    if (!(await this.invites.withdraw(org.id, id)))
      throw new NotFoundException('The organization has no such invite.');
    const details = { invite_id: id };
    await this.audit.record({
      action: 'invite_withdrawn',
      actor: user,
      orgId: org.id,
      origin,
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
  @ApiErrors({
    400: 'invite must be a string',
    403: 'This invite is unknown, used or withdrawn, or older than seven days. Ask for a new one.',
    409: 'You are in the organization "acme" already.',
  })
  async accept(
    @CurrentUser() user: SignedInUser,
    @Body() { invite }: AcceptInviteDto,
    @RequestOrigin() origin: Origin,
    @Req() request: Request,
  ): Promise<JoinedDto> {
    const joined = await this.invites.accept(user.userId, invite, request);
    await this.audit.record({
      action: 'invite_accepted',
      actor: user,
      orgId: joined.org.id,
      origin,
      details: { invite_id: joined.inviteId, role: joined.role },
    });
    return JoinedDto.of(joined);
  }
}
