import { Controller, Get, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Response } from 'express';
import { sendFile } from '../api/file-response';
import { Refuses } from '../api/refuses';
import { OrgMembership, OrgRole } from '../orgs/org-role';
import { MANAGERS, Membership } from '../orgs/orgs.service';
import { OrgSealsDto } from './seals.dto';
import { SealsService } from './seals.service';

/** The seals of an organization's calls and audit events, for its owners and admins. */
@ApiTags('seals')
@ApiBearerAuth()
@ApiParam({ name: 'org', type: String, example: 'acme', description: "The organization's name." })
@Refuses('org_not_found', 'insufficient_role')
@Controller('api/v1/orgs/:org')
export class OrgSealsController {
  constructor(private readonly seals: SealsService) {}

  @Get('seals')
  @OrgRole(MANAGERS)
  @ApiOperation({ summary: 'How far an organization’s calls and events are sealed' })
  @ApiOkResponse({ type: OrgSealsDto })
  async last(@OrgMembership() { org }: Membership): Promise<OrgSealsDto> {
    return OrgSealsDto.of(await this.seals.last(org.id));
  }

  @Get('seals.jsonl')
  @OrgRole(MANAGERS)
  @ApiOperation({
    summary: 'The chain of an organization’s calls and events, to be checked offline',
    description:
      'For owners and admins. A line of JSON for each entry, with what was recorded, and one for each seal behind its entries.',
  })
  @ApiOkResponse({
    description: 'The file.',
    content: { 'application/x-ndjson': { schema: { type: 'string', format: 'binary' } } },
  })
  file(@OrgMembership() { org }: Membership, @Res() response: Response): Promise<void> {
    const name = `tracevault-${org.name}-seals.jsonl`;
    return sendFile(response, name, this.seals.chain(org.id), 'application/x-ndjson');
  }
}
