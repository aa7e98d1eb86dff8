import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { IdParam } from '../api/id';
import { Refuses } from '../api/refuses';
import { CurrentUser } from '../auth/authenticated';
import { SignedInUser } from '../auth/principal';
import { TraceAnswersService } from './trace-answers.service';
import { TracesDto, TracesQueryDto, TraceTreeDto } from './traces.dto';

/** What a person's own agents did. */
@ApiTags('traces')
@ApiBearerAuth()
@Controller('api/v1/me/traces')
export class MyTracesController {
  constructor(private readonly answers: TraceAnswersService) {}

  @Get()
  @ApiOperation({
    summary: 'My traces, those with the latest calls first',
    description:
      'A trace is the session of an agent: all calls of one kind of client with one session id, or that follow each other in one conversation. Calls with no conversation are in no trace.',
  })
  @ApiOkResponse({ type: TracesDto })
  @Refuses('invalid_cursor')
  list(@CurrentUser() { userId }: SignedInUser, @Query() query: TracesQueryDto): Promise<TracesDto> {
    return this.answers.list({ userId }, query);
  }

  @Get(':id')
  @ApiOperation({ summary: 'One of my traces: its agents, and each one’s calls in order' })
  @ApiOkResponse({ type: TraceTreeDto })
  @Refuses('trace_not_found')
  tree(@CurrentUser() { userId }: SignedInUser, @IdParam('id') id: string): Promise<TraceTreeDto> {
    return this.answers.tree({ userId }, id);
  }
}
