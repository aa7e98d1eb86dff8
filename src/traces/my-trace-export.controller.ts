import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Response } from 'express';
import { IdParam } from '../api/id';
import { Refuses } from '../api/refuses';
import { CurrentUser } from '../auth/authenticated';
import { SignedInUser } from '../auth/principal';
import { ExportTraceQueryDto } from './trace-content.dto';
import { TraceExportService } from './trace-export.service';
import { ApiTraceFile, sendTrace } from './trace-file';
import { UserTurns } from './user-turns';

/** A person's own traces, to take along. */
@ApiTags('traces')
@ApiBearerAuth()
@Controller('api/v1/me/traces')
export class MyTraceExportController {
  private readonly turns = new UserTurns();

  constructor(private readonly exports: TraceExportService) {}

  @Get(':id/export')
  @ApiOperation({ summary: 'One of my traces as a file' })
  @ApiTraceFile()
  @Refuses('trace_not_found', 'content_unavailable')
  export(
    @CurrentUser() { userId }: SignedInUser,
    @IdParam('id') id: string,
    @Query() { format }: ExportTraceQueryDto,
    @Res() response: Response,
  ): Promise<void> {
    const whose = { userId };
    return this.turns.run(userId, () => sendTrace(response, this.exports, { whose, id, format }));
  }
}
