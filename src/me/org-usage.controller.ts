import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Response } from 'express';
import { ApiCsvResponse, sendFile } from '../api/file-response';
import { Refuses } from '../api/refuses';
import { CurrentUser } from '../auth/authenticated';
import { SignedInUser } from '../auth/principal';
import { visibleTo } from '../orgs/calls-visible';
import { ROLES } from '../orgs/membership.entity';
import { OrgMembership, OrgRole } from '../orgs/org-role';
import { Membership } from '../orgs/orgs.service';
import { CallDetailsDto, CallsDto } from './calls.dto';
import { OrgCallsFilterDto, OrgCallsQueryDto } from './calls-query.dto';
import { UsageAnswersService } from './usage-answers.service';
import { UsageDto, UsageQueryDto } from './usage.dto';
import { UsageFilesService } from './usage-files.service';

/** What the calls of an organization cost: all of them for owners, admins and auditors, for other members their own. */
@ApiTags('usage')
@ApiBearerAuth()
@ApiParam({ name: 'org', type: String, example: 'acme', description: "The organization's name." })
@Refuses('org_not_found')
@Controller('api/v1/orgs/:org')
export class OrgUsageController {
  constructor(
    private readonly answers: UsageAnswersService,
    private readonly files: UsageFilesService,
  ) {}

  @Get('usage')
  @OrgRole(ROLES)
  @ApiOperation({
    summary: 'What the calls of an organization used and cost',
    description: 'All of them for owners, admins and auditors; for other members their own.',
  })
  @ApiOkResponse({ type: UsageDto })
  @Refuses('invalid_period')
  usage(
    @CurrentUser() { userId }: SignedInUser,
    @OrgMembership() membership: Membership,
    @Query() query: UsageQueryDto,
  ): Promise<UsageDto> {
    return this.answers.sums(visibleTo(userId, membership), query);
  }

  @Get('usage.csv')
  @OrgRole(ROLES)
  @ApiOperation({
    summary: 'What the calls of an organization used and cost, as CSV',
    description:
      'A row for each group, without a total. For members who are neither owner nor admin their own calls.',
  })
  @ApiCsvResponse()
  @Refuses('invalid_period')
  usageFile(
    @CurrentUser() { userId }: SignedInUser,
    @OrgMembership() membership: Membership,
    @Query() query: UsageQueryDto,
    @Res() response: Response,
  ): Promise<void> {
    const { name, pages } = this.files.sums(visibleTo(userId, membership), query, membership.org.name);
    return sendFile(response, name, pages);
  }

  @Get('calls')
  @OrgRole(ROLES)
  @ApiOperation({ summary: 'The calls of an organization, the newest first' })
  @ApiOkResponse({ type: CallsDto })
  @Refuses('invalid_period', 'invalid_cursor')
  calls(
    @CurrentUser() { userId }: SignedInUser,
    @OrgMembership() membership: Membership,
    @Query() query: OrgCallsQueryDto,
  ): Promise<CallsDto> {
    return this.answers.list(visibleTo(userId, membership), query);
  }

  @Get('calls.csv')
  @OrgRole(ROLES)
  @ApiOperation({ summary: 'All calls of an organization in a period as CSV, the newest first' })
  @ApiCsvResponse()
  @Refuses('invalid_period')
  callsFile(
    @CurrentUser() { userId }: SignedInUser,
    @OrgMembership() membership: Membership,
    @Query() query: OrgCallsFilterDto,
    @Res() response: Response,
  ): Promise<void> {
    const { name, pages } = this.files.list(visibleTo(userId, membership), query, membership.org.name);
    return sendFile(response, name, pages);
  }

  @Get('calls/:id')
  @OrgRole(ROLES)
  @ApiParam({ name: 'id', type: String, example: 'req_tv_0123456789abcdef01234567' })
  @ApiOperation({ summary: 'A call of an organization, with its cost line by line' })
  @ApiOkResponse({ type: CallDetailsDto })
  @Refuses('call_not_found')
  call(
    @CurrentUser() { userId }: SignedInUser,
    @OrgMembership() membership: Membership,
    @Param('id') id: string,
  ): Promise<CallDetailsDto> {
    return this.answers.call(visibleTo(userId, membership), id);
  }
}
