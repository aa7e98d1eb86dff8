import { Body, Controller, Delete, Get, HttpCode, Post } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { ApiException } from '../api/api.exception';
import { IdParam } from '../api/id';
import { Refuses } from '../api/refuses';
import { AuditService } from '../audit/audit.service';
import { ClientInfo, RequestClientInfo } from '../audit/client-info';
import { CurrentUser } from '../auth/authenticated';
import { SignedInUser } from '../auth/principal';
import { ApiKeysService } from './api-keys.service';
import { OrgMembership, OrgRole } from './org-role';
import { ApiKeyDto, CreateApiKeyDto, NewApiKeyDto } from './orgs.dto';
import { MANAGERS, Membership } from './orgs.service';

@ApiTags('orgs')
@ApiBearerAuth()
@ApiParam({ name: 'org', type: String, example: 'acme', description: "The organization's name." })
@Refuses('insufficient_role', 'org_not_found')
@Controller('api/v1/orgs/:org/api-keys')
export class ApiKeysController {
  constructor(
    private readonly apiKeys: ApiKeysService,
    private readonly audit: AuditService,
  ) {}

  @Get()
  @OrgRole(MANAGERS)
  @ApiOperation({
    summary: "List an organization's API keys",
    description: 'The newest first. Never the keys themselves.',
  })
  @ApiOkResponse({ type: [ApiKeyDto] })
  async list(@OrgMembership() { org }: Membership): Promise<ApiKeyDto[]> {
    return (await this.apiKeys.list(org.id)).map((key) => ApiKeyDto.of(key));
  }

  @Post()
  @OrgRole(MANAGERS)
  @ApiOperation({
    summary: 'Create an API key for an organization',
    description: 'The answer shows the key, once.',
  })
  @ApiCreatedResponse({ type: NewApiKeyDto })
  @Refuses('too_many_api_keys')
  async create(
    @CurrentUser() user: SignedInUser,
    @OrgMembership() { org }: Membership,
    @Body() { name }: CreateApiKeyDto,
    @RequestClientInfo() clientInfo: ClientInfo,
  ): Promise<NewApiKeyDto> {
    const created = await this.apiKeys.create(org.id, user.userId, name);
    const details = { api_key_id: created.entity.id, name, prefix: created.entity.prefix };
    await this.audit.record({
      action: 'org_api_key_created',
      actor: user,
      orgId: org.id,
      clientInfo,
      details,
    });
    return NewApiKeyDto.ofNew(created);
  }

  @Delete(':id')
  @OrgRole(MANAGERS)
  @HttpCode(204)
  @ApiOperation({ summary: "Revoke one of an organization's API keys", description: 'At once.' })
  @ApiNoContentResponse()
  @Refuses('api_key_not_found')
  async remove(
    @CurrentUser() user: SignedInUser,
    @OrgMembership() { org }: Membership,
    @IdParam('id') id: string,
    @RequestClientInfo() clientInfo: ClientInfo,
  ): Promise<void> {
    if (!(await this.apiKeys.remove(org.id, id)))
      throw new ApiException('api_key_not_found', 'The organization has no such API key.');
    const details = { api_key_id: id };
    await this.audit.record({
      action: 'org_api_key_revoked',
      actor: user,
      orgId: org.id,
      clientInfo,
      details,
    });
  }
}
