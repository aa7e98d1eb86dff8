import { Body, Controller, Delete, Get, HttpCode, Param, Put, Query, Res } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { ServerResponse } from 'node:http';
import { Refuses } from '../api/refuses';
import { ClientInfo, RequestClientInfo } from '../audit/client-info';
import { CurrentUser } from '../auth/authenticated';
import { SignedInUser } from '../auth/principal';
import { CredentialsService } from '../credentials/credentials.service';
import { KeyOwner } from '../credentials/provider-key.entity';
import { OrgMembership, OrgRole } from '../orgs/org-role';
import { MANAGERS, Membership } from '../orgs/orgs.service';
import { KeyStorageService } from './key-storage.service';
import { ProviderKeyDto, ProviderKeyStatusDto } from './keys.dto';
import { CheckedKeyDto, StoreKeyQueryDto } from './me.dto';

const PROVIDER = { name: 'provider', type: String, example: 'openai', description: 'The id of a provider.' };

/** The keys that an organization shares with its members, one for each provider. */
@ApiTags('orgs')
@ApiBearerAuth()
@ApiParam({ name: 'org', type: String, example: 'acme', description: "The organization's name." })
@Refuses('org_not_found', 'insufficient_role')
@Controller('api/v1/orgs/:org/keys')
export class OrgKeysController {
  constructor(
    private readonly credentials: CredentialsService,
    private readonly storage: KeyStorageService,
  ) {}

  @Get()
  @OrgRole(MANAGERS)
  @ApiOperation({
    summary: 'The keys that an organization shares, for each provider',
    description: 'For owners and admins. Never a key; of it only a fingerprint, to tell it from another one.',
  })
  @ApiOkResponse({ type: [ProviderKeyStatusDto] })
  async list(@OrgMembership() membership: Membership): Promise<ProviderKeyStatusDto[]> {
    const keys = await this.credentials.list(ofOrg(membership));
    return this.storage
      .listed(keys)
      .map((provider) => ProviderKeyStatusDto.ofProvider(provider, keys.get(provider.id)));
  }

  @Put(':provider')
  @OrgRole(MANAGERS)
  @HttpCode(204)
  @ApiParam(PROVIDER)
  @ApiOperation({
    summary: 'Store the key that an organization shares for a provider, or replace it',
    description:
      'For owners and admins. Calls of members take it who have no key of their own, or may not use it (`personal_keys`). Nobody is shown it again.',
  })
  @ApiNoContentResponse({ description: 'Stored, without `check`.' })
  @ApiOkResponse({ type: CheckedKeyDto, description: 'Stored, with `check`.' })
  @Refuses('provider_not_found', 'key_refused', 'provider_error', 'provider_unreachable', 'provider_timeout')
  async store(
    @CurrentUser() actor: SignedInUser,
    @OrgMembership() membership: Membership,
    @Param('provider') id: string,
    @Body() body: ProviderKeyDto,
    @Query() options: StoreKeyQueryDto,
    @RequestClientInfo() clientInfo: ClientInfo,
    @Res({ passthrough: true }) response: ServerResponse,
  ): Promise<CheckedKeyDto | undefined> {
    const provider = this.storage.provider(id);
    const key = this.storage.validate(body.key, provider);
    const owner = ofOrg(membership);
    return this.storage.store({ actor, owner, provider, key, options, clientInfo, response });
  }

  @Delete(':provider')
  @OrgRole(MANAGERS)
  @HttpCode(204)
  @ApiParam(PROVIDER)
  @ApiOperation({
    summary: 'Remove the key that an organization shares for a provider',
    description: 'For owners and admins. 204 also when there is none.',
  })
  @ApiNoContentResponse()
  @Refuses('provider_not_found')
  async remove(
    @CurrentUser() actor: SignedInUser,
    @OrgMembership() membership: Membership,
    @Param('provider') id: string,
    @RequestClientInfo() clientInfo: ClientInfo,
  ): Promise<void> {
    await this.storage.remove({ actor, owner: ofOrg(membership), providerId: id, clientInfo });
  }
}

function ofOrg({ org }: Membership): KeyOwner {
  return { kind: 'organization', id: org.id };
}
