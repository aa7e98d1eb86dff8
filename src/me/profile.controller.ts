import { Body, Controller, Get, Patch } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Refuses } from '../api/refuses';
import { AuditDetails } from '../audit/audit-event.entity';
import { AuditService } from '../audit/audit.service';
import { ClientInfo, RequestClientInfo } from '../audit/client-info';
import { CurrentUser } from '../auth/authenticated';
import { SignedInUser } from '../auth/principal';
import { UsersService } from '../auth/users.service';
import { OrgsService } from '../orgs/orgs.service';
import { ProfileDto, RenameMeDto } from './me.dto';

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
    return ProfileDto.of(user, memberships);
  }

  @Patch()
  @ApiOperation({
    summary: 'Change my name',
    description: 'Others in my organizations see it beside my email.',
  })
  @ApiOkResponse({ type: ProfileDto })
  @Refuses()
  async rename(
    @CurrentUser() user: SignedInUser,
    @Body() { name }: RenameMeDto,
    @RequestClientInfo() clientInfo: ClientInfo,
  ): Promise<ProfileDto> {
    const details: AuditDetails = name === null ? {} : { name };
    if (await this.users.rename(user.userId, name))
      await this.audit.record({ action: 'name_changed', actor: user, clientInfo, details });
    return this.me(user);
  }
}
