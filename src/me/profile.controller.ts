import { Controller, Get } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiErrors } from '../api/error.dto';
import { CurrentUser } from '../auth/authenticated';
import { SignedInUser } from '../auth/principal';
import { UsersService } from '../auth/users.service';
import { OrgsService } from '../orgs/orgs.service';
import { ProfileDto } from './me.dto';

@ApiTags('auth')
@ApiBearerAuth()
@Controller('api/v1/auth/me')
export class ProfileController {
  constructor(
    private readonly users: UsersService,
    private readonly orgs: OrgsService,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Who am I', description: 'And the organizations I am in.' })
  @ApiOkResponse({ type: ProfileDto })
  @ApiErrors({ 401: 'Not signed in.' })
  async me(@CurrentUser() { userId }: SignedInUser): Promise<ProfileDto> {
    const [user, memberships] = await Promise.all([this.users.get(userId), this.orgs.membershipsOf(userId)]);
    return {
      user_id: user.id,
      email: user.email,
      name: user.name,
      orgs: memberships.map(({ org, role }) => ({
        id: org.id,
        name: org.name,
        display_name: org.displayName,
        role,
      })),
    };
  }
}
