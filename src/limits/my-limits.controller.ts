import { Controller, Get } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentUser } from '../auth/authenticated';
import { SignedInUser } from '../auth/principal';
import { OrgsService } from '../orgs/orgs.service';
import { EffectiveLimitsService } from './effective-limits.service';
import { MyLimitDto } from './limit.dto';

@ApiTags('limits')
@ApiBearerAuth()
@Controller('api/v1/me/limits')
export class MyLimitsController {
  constructor(
    private readonly orgs: OrgsService,
    private readonly effective: EffectiveLimitsService,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'Your limits in all your organizations, and how much of them is used',
    description: 'Those of your proxy tokens are among them.',
  })
  @ApiOkResponse({ type: [MyLimitDto] })
  async list(@CurrentUser() { userId }: SignedInUser): Promise<MyLimitDto[]> {
    const memberships = await this.orgs.membershipsOf(userId);
    const limits = await Promise.all(
      memberships.map(async ({ org }) =>
        (await this.effective.of(org.id, userId)).map((limit) => ({ ...limit, org: org.name })),
      ),
    );
    return limits.flat();
  }
}
