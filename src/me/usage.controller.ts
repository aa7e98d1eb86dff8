import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Response } from 'express';
import { ApiCsvResponse, sendFile } from '../api/file-response';
import { Refuses } from '../api/refuses';
import { CurrentUser } from '../auth/authenticated';
import { SignedInUser } from '../auth/principal';
import { CallDetailsDto, CallsDto } from './calls.dto';
import { CallsFilterDto, CallsQueryDto } from './calls-query.dto';
import { UsageAnswersService } from './usage-answers.service';
import { UsageDto, UsageQueryDto } from './usage.dto';
import { UsageFilesService } from './usage-files.service';

/** What a person's own calls cost. */
@ApiTags('usage')
@ApiBearerAuth()
@Controller('api/v1/me')
export class UsageController {
  constructor(
    private readonly answers: UsageAnswersService,
    private readonly files: UsageFilesService,
  ) {}

  @Get('usage')
  @ApiOperation({
    summary: 'What my calls used and cost',
    description: 'Exact sums of the calls of a period, by up to two groups.',
  })
  @ApiOkResponse({ type: UsageDto })
  @Refuses('invalid_period')
  usage(@CurrentUser() { userId }: SignedInUser, @Query() query: UsageQueryDto): Promise<UsageDto> {
    return this.answers.sums({ userId }, query);
  }

  @Get('usage.csv')
  @ApiOperation({
    summary: 'What my calls used and cost, as CSV',
    description: 'A row for each group, without a total.',
  })
  @ApiCsvResponse()
  @Refuses('invalid_period')
  usageFile(
    @CurrentUser() { userId }: SignedInUser,
    @Query() query: UsageQueryDto,
    @Res() response: Response,
  ): Promise<void> {
    const { name, pages } = this.files.sums({ userId }, query);
    return sendFile(response, name, pages);
  }

  @Get('calls')
  @ApiOperation({ summary: 'My calls, the newest first' })
  @ApiOkResponse({ type: CallsDto })
  @Refuses('invalid_period', 'invalid_cursor')
  calls(@CurrentUser() { userId }: SignedInUser, @Query() query: CallsQueryDto): Promise<CallsDto> {
    return this.answers.list({ userId }, query);
  }

  @Get('calls.csv')
  @ApiOperation({ summary: 'All my calls of a period as CSV, the newest first' })
  @ApiCsvResponse()
  @Refuses('invalid_period')
  callsFile(
    @CurrentUser() { userId }: SignedInUser,
    @Query() query: CallsFilterDto,
    @Res() response: Response,
  ): Promise<void> {
    const { name, pages } = this.files.list({ userId }, query);
    return sendFile(response, name, pages);
  }

  @Get('calls/:id')
  @ApiParam({ name: 'id', type: String, example: 'req_tv_0123456789abcdef01234567' })
  @ApiOperation({ summary: 'One of my calls, with its cost line by line' })
  @ApiOkResponse({ type: CallDetailsDto })
  @Refuses('call_not_found')
  call(@CurrentUser() { userId }: SignedInUser, @Param('id') id: string): Promise<CallDetailsDto> {
    return this.answers.call({ userId }, id);
  }
}
