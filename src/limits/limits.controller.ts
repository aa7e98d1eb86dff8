import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { ApiException } from '../api/api.exception';
import { IdParam } from '../api/id';
import { Refuses } from '../api/refuses';
import { AuditAction } from '../audit/audit-event.entity';
import { AuditService } from '../audit/audit.service';
import { ClientInfo, RequestClientInfo } from '../audit/client-info';
import { CurrentUser } from '../auth/authenticated';
import { SignedInUser } from '../auth/principal';
import { ROLES } from '../orgs/membership.entity';
import { MembersService } from '../orgs/members.service';
import { OrgMembership, OrgRole } from '../orgs/org-role';
import { MANAGERS, Membership } from '../orgs/orgs.service';
import { EffectiveLimitsService } from './effective-limits.service';
import { CreateLimitDto, EffectiveLimitDto, EffectiveQueryDto, LimitDto, UpdateLimitDto } from './limit.dto';
import { LimitEntity } from './limit.entity';
import { LimitsService } from './limits.service';

const NO_LIMIT = 'The organization has no such limit.';

/** Who changed a limit, and from where. */
interface Change {
  readonly actor: SignedInUser;
  readonly clientInfo: ClientInfo;
}

@ApiTags('limits')
@ApiBearerAuth()
@ApiParam({ name: 'org', type: String, example: 'acme', description: "The organization's name." })
@Refuses('insufficient_role', 'org_not_found')
@Controller('api/v1/orgs/:org/limits')
export class LimitsController {
  constructor(
    private readonly limits: LimitsService,
    private readonly effective: EffectiveLimitsService,
    private readonly members: MembersService,
    private readonly audit: AuditService,
  ) {}

  @Get()
  @OrgRole(MANAGERS)
  @ApiOperation({ summary: "List an organization's limits", description: 'The oldest first.' })
  @ApiOkResponse({ type: [LimitDto] })
  async list(@OrgMembership() { org }: Membership): Promise<LimitDto[]> {
    return (await this.limits.list(org.id)).map((limit) => LimitDto.of(limit));
  }

  @Get('effective')
  @OrgRole(ROLES)
  @ApiOperation({
    summary: 'Which limits apply to a member, and how much of them is used',
    description: 'Owners and admins may ask for anybody, other members for themselves.',
  })
  @ApiOkResponse({ type: [EffectiveLimitDto] })
  @Refuses('member_not_found')
  async listEffective(
    @CurrentUser() { userId }: SignedInUser,
    @OrgMembership() { org, role }: Membership,
    @Query() { person = userId }: EffectiveQueryDto,
  ): Promise<EffectiveLimitDto[]> {
    const isAllowed = person === userId || MANAGERS.includes(role);
    if (!isAllowed || !(await this.members.isMember(org.id, person)))
      throw new ApiException('member_not_found', 'The organization has no such member.');
    return this.effective.of(org.id, person);
  }

  @Post()
  @OrgRole(MANAGERS)
  @ApiOperation({
    summary: 'Create a limit',
    description: 'It holds from the next call on, and counts what was spent in its period before.',
  })
  @ApiCreatedResponse({ type: LimitDto })
  @Refuses('unknown_subject', 'unknown_model', 'conflicting_field', 'limit_exists', 'too_many_limits')
  async create(
    @CurrentUser() actor: SignedInUser,
    @OrgMembership() { org }: Membership,
    @Body() body: CreateLimitDto,
    @RequestClientInfo() clientInfo: ClientInfo,
  ): Promise<LimitDto> {
    const limit = await this.limits.create(org.id, body);
    await this.record('org_limit_created', { actor, clientInfo }, limit);
    return LimitDto.of(limit);
  }

  @Patch(':id')
  @OrgRole(MANAGERS)
  @ApiOperation({
    summary: 'Change a limit',
    description: 'From the next call on. What is not given stays as it is.',
  })
  @ApiOkResponse({ type: LimitDto })
  @Refuses('unknown_model', 'conflicting_field', 'limit_not_found')
  async update(
    @CurrentUser() actor: SignedInUser,
    @OrgMembership() { org }: Membership,
    @IdParam('id') id: string,
    @Body() body: UpdateLimitDto,
    @RequestClientInfo() clientInfo: ClientInfo,
  ): Promise<LimitDto> {
    const limit = await this.limits.update(org.id, id, body);
    if (limit === undefined) throw new ApiException('limit_not_found', NO_LIMIT);
    await this.record('org_limit_changed', { actor, clientInfo }, limit);
    return LimitDto.of(limit);
  }

  @Delete(':id')
  @OrgRole(MANAGERS)
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete a limit', description: 'At once.' })
  @ApiNoContentResponse()
  @Refuses('limit_not_found')
  async remove(
    @CurrentUser() actor: SignedInUser,
    @OrgMembership() { org }: Membership,
    @IdParam('id') id: string,
    @RequestClientInfo() clientInfo: ClientInfo,
  ): Promise<void> {
    const limit = await this.limits.remove(org.id, id);
    if (limit === undefined) throw new ApiException('limit_not_found', NO_LIMIT);
    await this.record('org_limit_deleted', { actor, clientInfo }, limit);
  }

  private record(action: AuditAction, { actor, clientInfo }: Change, limit: LimitEntity): Promise<void> {
    const { amount_usd, allow, period } = LimitDto.of(limit);
    const details = {
      limit_id: limit.id,
      kind: limit.kind,
      scope: limit.scope,
      ...(limit.subjectId !== null && { subject_id: limit.subjectId }),
      ...(period !== null && { period, amount_usd: amount_usd ?? 'unlimited' }),
      ...(limit.requestsPerMinute !== null && { requests_per_minute: limit.requestsPerMinute }),
      ...(limit.tokensPerMinute !== null && { tokens_per_minute: Number(limit.tokensPerMinute) }),
      ...(allow !== null && { models: allow.join(' ') }),
    };
    return this.audit.record({ action, actor, orgId: limit.orgId, clientInfo, details });
  }
}
