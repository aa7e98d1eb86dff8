import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Response } from 'express';
import { IdParam } from '../api/id';
import { Refuses } from '../api/refuses';
import { OrgRole } from '../orgs/org-role';
import { AUDITORS } from '../orgs/orgs.service';
import { BodyPart } from '../capture/trace-body.entity';
import { AuditedContentService, Look } from './audited-content.service';
import { ApiBodyBytes, NOT_THERE, sendBody } from './body-response';
import { CallContentDto } from './call-content.dto';
import { Auditor, CurrentAuditor } from './current-auditor';
import { ExportReadTraceQueryDto, ReadContentQueryDto } from './trace-content.dto';
import { TraceExportService } from './trace-export.service';
import { ApiTraceFile, sendTrace } from './trace-file';
import { UserTurns } from './user-turns';

const CALL = { name: 'call', type: String, description: 'The id of a call of the trace.' };
const RECORDED =
  'For auditors, with a reason. It is recorded before anything is shown, where the person whose trace it is sees it.';

/** What is kept of what the agents of an organization's members said, for its auditors. */
@ApiTags('traces')
@ApiBearerAuth()
@ApiParam({ name: 'org', type: String, example: 'acme', description: "The organization's name." })
@Refuses('insufficient_role', 'org_not_found')
@Controller('api/v1/orgs/:org/traces')
export class OrgTraceContentController {
  private readonly turns = new UserTurns();

  constructor(
    private readonly content: AuditedContentService,
    private readonly exports: TraceExportService,
  ) {}

  @Get(':id/calls/:call')
  @OrgRole(AUDITORS)
  @ApiParam(CALL)
  @ApiOperation({
    summary: 'What a call of an organization said: what was new in it, and the answer',
    description: RECORDED,
  })
  @ApiOkResponse({ type: CallContentDto })
  @Refuses('trace_not_found', 'call_not_found', 'content_damaged', 'content_unavailable')
  call(
    @CurrentAuditor() auditor: Auditor,
    @IdParam('id') traceId: string,
    @Param('call') call: string,
    @Query() { reason }: ReadContentQueryDto,
  ): Promise<CallContentDto> {
    return this.content.call(auditor, { traceId, reason }, call);
  }

  @Get(':id/calls/:call/request')
  @OrgRole(AUDITORS)
  @ApiParam(CALL)
  @ApiOperation({
    summary: 'The body of a request of an organization: byte for byte as it passed, or redacted',
    description: RECORDED,
  })
  @ApiBodyBytes()
  @Refuses('trace_not_found', 'call_not_found', ...NOT_THERE)
  request(
    @CurrentAuditor() auditor: Auditor,
    @IdParam('id') traceId: string,
    @Param('call') call: string,
    @Query() { reason }: ReadContentQueryDto,
    @Res() response: Response,
  ): Promise<void> {
    return this.send(auditor, { traceId, reason }, call, 'request', response);
  }

  @Get(':id/calls/:call/response')
  @OrgRole(AUDITORS)
  @ApiParam(CALL)
  @ApiOperation({
    summary: 'The body of an answer of an organization: byte for byte as it passed, or redacted',
    description: RECORDED,
  })
  @ApiBodyBytes()
  @Refuses('trace_not_found', 'call_not_found', ...NOT_THERE)
  response(
    @CurrentAuditor() auditor: Auditor,
    @IdParam('id') traceId: string,
    @Param('call') call: string,
    @Query() { reason }: ReadContentQueryDto,
    @Res() response: Response,
  ): Promise<void> {
    return this.send(auditor, { traceId, reason }, call, 'response', response);
  }

  @Get(':id/export')
  @OrgRole(AUDITORS)
  @ApiOperation({ summary: 'A trace of an organization as a file', description: RECORDED })
  @ApiTraceFile()
  @Refuses('trace_not_found', 'content_unavailable')
  export(
    @CurrentAuditor() auditor: Auditor,
    @IdParam('id') id: string,
    @Query() { format, reason }: ExportReadTraceQueryDto,
    @Res() response: Response,
  ): Promise<void> {
    return this.inTurn(auditor, async () => {
      await this.content.record(auditor, { traceId: id, reason }, { format });
      await sendTrace(response, this.exports, { whose: { orgId: auditor.orgId }, id, format });
    });
  }

  private send(
    auditor: Auditor,
    look: Look,
    call: string,
    part: BodyPart,
    response: Response,
  ): Promise<void> {
    return this.inTurn(auditor, async () => {
      await sendBody(response, call, await this.content.bytes(auditor, look, call, part));
    });
  }

  private inTurn({ user }: Auditor, send: () => Promise<void>): Promise<void> {
    return this.turns.run(user.userId, send);
  }
}
