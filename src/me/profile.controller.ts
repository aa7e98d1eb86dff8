import { Body, Controller, Get, Patch } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiException } from '../api/api.exception';
import { Refuses } from '../api/refuses';
import { AuditService } from '../audit/audit.service';
import { ClientInfo, RequestClientInfo } from '../audit/client-info';
import { CurrentUser } from '../auth/authenticated';
import { SignedInUser } from '../auth/principal';
import { UsersService } from '../auth/users.service';
import { OrgsService } from '../orgs/orgs.service';
import { ProfileDto, UpdateMeDto } from './me.dto';

@ApiTags('auth')
@ApiBearerAuth()
@Controller('api/v1/auth/me')
export class ProfileController {
  constructor(
    private readonly users: UsersService,
    private readonly orgs: OrgsService,
    private readonly audit: AuditService,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Who am I', description: 'And the organizations I am in.' })
  @ApiOkResponse({ type: ProfileDto })
  async me(@CurrentUser() { userId }: SignedInUser): Promise<ProfileDto> {
    const [user, memberships] = await Promise.all([this.users.get(userId), this.orgs.membershipsOf(userId)]);
    const auditors = await this.orgs.countAuditors(memberships.map(({ org }) => org.id));
    return ProfileDto.of(user, memberships, auditors);
  }

  @Patch()
  @ApiOperation({
    summary: 'Change my name, or the organization that I work in',
    description:
      'Others in my organizations see the name beside my email. The calls of my sessions belong to the current organization; a proxy token has its own.',
  })
  @ApiOkResponse({ type: ProfileDto })
  @Refuses('org_not_found')
  async update(
    @CurrentUser() user: SignedInUser,
    @Body() { name, current_org }: UpdateMeDto,
    @RequestClientInfo() clientInfo: ClientInfo,
  ): Promise<ProfileDto> {
    if (name === undefined && current_org === undefined)
      throw new ApiException('required', 'Give name, current_org or both.');
    const event = { actor: user, clientInfo };
    if (current_org !== undefined && (await this.orgs.choose(user.userId, current_org)))
      await this.audit.record({ ...event, action: 'current_org_changed', details: { org: current_org } });
    if (name !== undefined && (await this.users.rename(user.userId, name)))
      await this.audit.record({ ...event, action: 'name_changed', details: name === null ? {} : { name } });
    return this.me(user);
  }
}
