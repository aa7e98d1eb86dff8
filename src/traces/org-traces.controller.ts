import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { IdParam } from '../api/id';
import { Refuses } from '../api/refuses';
import { CurrentUser } from '../auth/authenticated';
import { SignedInUser } from '../auth/principal';
import { visibleTo } from '../orgs/calls-visible';
import { ROLES } from '../orgs/membership.entity';
import { OrgMembership, OrgRole } from '../orgs/org-role';
import { AUDITORS, Membership } from '../orgs/orgs.service';
import { TraceAnswersService } from './trace-answers.service';
import { OrgTracesQueryDto, TracesDto, TraceTreeDto } from './traces.dto';

/** What the agents of an organization did: all of them for owners, admins and auditors, for other members their own. */
@ApiTags('traces')
@ApiBearerAuth()
@ApiParam({ name: 'org', type: String, example: 'acme', description: "The organization's name." })
@Refuses('org_not_found')
@Controller('api/v1/orgs/:org/traces')
export class OrgTracesController {
  constructor(private readonly answers: TraceAnswersService) {}

  @Get()
  @OrgRole(ROLES)
  @ApiOperation({
    summary: 'The traces of an organization, those with the latest calls first',
    description: 'Those of all members for owners, admins and auditors; for other members their own.',
  })
  @ApiOkResponse({ type: TracesDto })
  @Refuses('invalid_cursor')
  list(
    @CurrentUser() { userId }: SignedInUser,
    @OrgMembership() membership: Membership,
    @Query() query: OrgTracesQueryDto,
  ): Promise<TracesDto> {
    return this.answers.list(visibleTo(userId, membership), query);
  }

  @Get(':id')
  @OrgRole(ROLES)
  @ApiOperation({ summary: 'A trace of an organization: its agents, and each one’s calls in order' })
  @ApiOkResponse({ type: TraceTreeDto })
  @Refuses('trace_not_found')
  tree(
    @CurrentUser() { userId }: SignedInUser,
    @OrgMembership() membership: Membership,
    @IdParam('id') id: string,
  ): Promise<TraceTreeDto> {
    const whose = visibleTo(userId, membership);
    const canRead = whose.userId !== undefined || AUDITORS.includes(membership.role);
    return this.answers.tree(whose, id, canRead);
  }
}
