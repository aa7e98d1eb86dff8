import { Controller, Delete, Get, HttpCode, Param, Query, Res } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { Response } from 'express';
import { IdParam } from '../api/id';
import { Refuses } from '../api/refuses';
import { AuditService } from '../audit/audit.service';
import { ClientInfo, RequestClientInfo } from '../audit/client-info';
import { CurrentUser } from '../auth/authenticated';
import { SignedInUser } from '../auth/principal';
import { BodyPart } from '../capture/trace-body.entity';
import { ApiBodyBytes, NOT_THERE, sendBody } from './body-response';
import { CallContentDto } from './call-content.dto';
import { CallContentService } from './call-content.service';
import { DeletedTracesDto, DeleteTracesQueryDto } from './trace-content.dto';
import { TraceContentService } from './trace-content.service';
import { UserTurns } from './user-turns';

const CALL = { name: 'call', type: String, description: 'The id of a call of the trace.' };

/** What is kept of what a person's own agents said. */
@ApiTags('traces')
@ApiBearerAuth()
@Controller('api/v1/me/traces')
export class MyTraceContentController {
  private readonly turns = new UserTurns();

  constructor(
    private readonly calls: CallContentService,
    private readonly content: TraceContentService,
    private readonly audit: AuditService,
  ) {}

  @Get(':id/calls/:call')
  @ApiParam(CALL)
  @ApiOperation({
    summary: 'What a call said: what was new in it, and the answer',
    description:
      'Against the call before it of the same agent, whose system prompt, tools and messages a request repeats. What is not kept is null; `request` and `response` say why.',
  })
  @ApiOkResponse({ type: CallContentDto })
  @Refuses('trace_not_found', 'call_not_found', 'content_damaged', 'content_unavailable')
  call(
    @CurrentUser() { userId }: SignedInUser,
    @IdParam('id') id: string,
    @Param('call') call: string,
  ): Promise<CallContentDto> {
    return this.calls.of({ userId }, id, call);
  }

  @Get(':id/calls/:call/request')
  @ApiParam(CALL)
  @ApiOperation({ summary: 'The body of a request: byte for byte as it passed, or redacted' })
  @ApiBodyBytes()
  @Refuses('trace_not_found', 'call_not_found', ...NOT_THERE)
  request(
    @CurrentUser() { userId }: SignedInUser,
    @IdParam('id') id: string,
    @Param('call') call: string,
    @Res() response: Response,
  ): Promise<void> {
    return this.send(userId, id, call, 'request', response);
  }

  @Get(':id/calls/:call/response')
  @ApiParam(CALL)
  @ApiOperation({ summary: 'The body of an answer: byte for byte as it passed, or redacted' })
  @ApiBodyBytes()
  @Refuses('trace_not_found', 'call_not_found', ...NOT_THERE)
  response(
    @CurrentUser() { userId }: SignedInUser,
    @IdParam('id') id: string,
    @Param('call') call: string,
    @Res() response: Response,
  ): Promise<void> {
    return this.send(userId, id, call, 'response', response);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({
    summary: 'Delete what is kept of the content of a trace, for good',
    description:
      'The key that encrypts it goes first: no copy of it opens any more without a backup of the database that still has the key. What the calls used and cost stays, and the digests of their bodies.',
  })
  @ApiNoContentResponse()
  @Refuses('trace_not_found')
  async delete(
    @CurrentUser() user: SignedInUser,
    @IdParam('id') id: string,
    @RequestClientInfo() clientInfo: ClientInfo,
  ): Promise<void> {
    if (await this.content.delete({ userId: user.userId }, id))
      await this.audit.record({
        action: 'trace_content_deleted',
        actor: user,
        clientInfo,
        details: { trace: id },
      });
  }

  @Delete()
  @ApiOperation({ summary: 'Delete what is kept of the content of my older traces, for good' })
  @ApiOkResponse({ type: DeletedTracesDto })
  @Refuses()
  async deleteBefore(
    @CurrentUser() user: SignedInUser,
    @Query() { before }: DeleteTracesQueryDto,
    @RequestClientInfo() clientInfo: ClientInfo,
  ): Promise<DeletedTracesDto> {
    const deleted = await this.content.deleteBefore(user.userId, new Date(before));
    if (deleted > 0)
      await this.audit.record({
        action: 'trace_content_deleted',
        actor: user,
        clientInfo,
        details: { traces: deleted, before },
      });
    return { deleted };
  }

  private send(userId: string, id: string, call: string, part: BodyPart, response: Response): Promise<void> {
    return this.turns.run(userId, async () => {
      await sendBody(response, call, await this.content.bytes({ userId }, id, call, part));
    });
  }
}
