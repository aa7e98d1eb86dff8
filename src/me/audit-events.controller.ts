import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Refuses } from '../api/refuses';
import { AuditService } from '../audit/audit.service';
import { CurrentUser } from '../auth/authenticated';
import { SignedInUser } from '../auth/principal';
import { AuditEventDto, AuditEventsQueryDto, shownEvents } from './audit-events.dto';

@ApiTags('me')
@ApiBearerAuth()
@Controller('api/v1/me/audit-events')
export class AuditEventsController {
  constructor(private readonly audit: AuditService) {}

  @Get()
  @ApiOperation({
    summary: 'What I did, and what was done to my account',
    description:
      'The newest first: who, when and from where. The next page comes with `before`, the last one’s id.',
  })
  @ApiOkResponse({ type: [AuditEventDto] })
  @Refuses('unknown_event')
  async list(
    @CurrentUser() { userId }: SignedInUser,
    @Query() { limit, before }: AuditEventsQueryDto,
  ): Promise<AuditEventDto[]> {
    return shownEvents(await this.audit.ofPerson(userId, limit, before), 'yours');
  }
}
