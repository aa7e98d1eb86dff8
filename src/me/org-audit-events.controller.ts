import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Response } from 'express';
import { csvLine } from '../api/csv';
import { ApiCsvResponse, sendFile } from '../api/file-response';
import { Refuses } from '../api/refuses';
import { AuditService, SeenEvent } from '../audit/audit.service';
import { OrgMembership, OrgRole } from '../orgs/org-role';
import { MANAGERS, Membership } from '../orgs/orgs.service';
import { AuditEventDto, AuditEventsQueryDto, shownEvents } from './audit-events.dto';

/** The columns of an event, as the JSON names them. */
const COLUMNS = [
  'id',
  'at',
  'action',
  'actor',
  'actor_email',
  'subject_email',
  'address',
  'client',
] as const satisfies readonly (keyof AuditEventDto)[];

/** What was done in an organization, for its owners and admins. */
@ApiTags('orgs')
@ApiBearerAuth()
@ApiParam({ name: 'org', type: String, example: 'acme', description: "The organization's name." })
@Refuses('org_not_found', 'insufficient_role')
@Controller('api/v1/orgs/:org')
export class OrgAuditEventsController {
  constructor(private readonly audit: AuditService) {}

  @Get('audit-events')
  @OrgRole(MANAGERS)
  @ApiOperation({
    summary: 'What was done in an organization',
    description:
      'For owners and admins. The newest first: who, what, to whom, when and from where. The next page comes with `before`, ' +
      'the last one’s id. What people do with their own accounts and keys is not in it.',
  })
  @ApiOkResponse({ type: [AuditEventDto] })
  @Refuses('unknown_event')
  async list(
    @OrgMembership() { org }: Membership,
    @Query() { limit, before }: AuditEventsQueryDto,
  ): Promise<AuditEventDto[]> {
    return shownEvents(await this.audit.ofOrg(org.id, limit, before), 'the organization');
  }

  @Get('audit-events.csv')
  @OrgRole(MANAGERS)
  @ApiOperation({
    summary: 'What was done in an organization, as CSV',
    description: 'For owners and admins. All events that are still kept, the newest first.',
  })
  @ApiCsvResponse()
  file(@OrgMembership() { org }: Membership, @Res() response: Response): Promise<void> {
    return sendFile(response, `tracevault-${org.name}-audit.csv`, linesOf(this.audit.pagesOfOrg(org.id)));
  }
}

async function* linesOf(pages: AsyncGenerator<SeenEvent[]>): AsyncGenerator<string> {
  yield csvLine([...COLUMNS, 'details']);
  for await (const page of pages) yield page.map(lineOf).join('');
}

function lineOf(event: SeenEvent): string {
  const dto = AuditEventDto.of(event);
  return csvLine([...COLUMNS.map((column) => dto[column]), JSON.stringify(dto.details)]);
}
