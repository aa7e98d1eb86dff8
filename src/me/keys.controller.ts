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
import { UsersService } from '../auth/users.service';
import { CredentialsService } from '../credentials/credentials.service';
import { chooseKey } from '../credentials/key-choice';
import { OrgsService } from '../orgs/orgs.service';
import { KeyStorageService } from './key-storage.service';
import { MyKeyDto, ProviderKeyDto } from './keys.dto';
import { ofUser } from './me.controller';
import { CheckedKeyDto, StoreKeyQueryDto } from './me.dto';

const PROVIDER = { name: 'provider', type: String, example: 'openai', description: 'The id of a provider.' };

/** The signed-in user's own keys, one for each provider. */
@ApiTags('me')
@ApiBearerAuth()
@Controller('api/v1/me/keys')
export class KeysController {
  constructor(
    private readonly credentials: CredentialsService,
    private readonly storage: KeyStorageService,
    private readonly orgs: OrgsService,
    private readonly users: UsersService,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'My keys, for each provider, and which key my calls take',
    description: 'Never a key; of it only a fingerprint, to tell it from another one.',
  })
  @ApiOkResponse({ type: [MyKeyDto] })
  async list(@CurrentUser() user: SignedInUser): Promise<MyKeyDto[]> {
    const org = await this.orgs.currentOrg(await this.users.get(user.userId));
    const own = await this.credentials.list(ofUser(user));
    const shared =
      org === undefined ? undefined : await this.credentials.list({ kind: 'organization', id: org.id });
    return this.storage.listed(own).map((provider) => {
      const status = own.get(provider.id);
      const choice = chooseKey(status, shared?.get(provider.id), org?.personalKeys);
      return MyKeyDto.ofChoice(provider, status, choice, org);
    });
  }

  @Put(':provider')
  @HttpCode(204)
  @ApiParam(PROVIDER)
  @ApiOperation({
    summary: 'Store my key for a provider, or replace it',
    description:
      'Encrypted at once (AES-256-GCM); used from the next request through the proxy on. With `check=true` only when the provider takes it.',
  })
  @ApiNoContentResponse({ description: 'Stored, without `check`.' })
  @ApiOkResponse({ type: CheckedKeyDto, description: 'Stored, with `check`.' })
  @Refuses('provider_not_found', 'key_refused', 'provider_error', 'provider_unreachable', 'provider_timeout')
  async store(
    @CurrentUser() actor: SignedInUser,
    @Param('provider') id: string,
    @Body() body: ProviderKeyDto,
    @Query() options: StoreKeyQueryDto,
    @RequestClientInfo() clientInfo: ClientInfo,
    @Res({ passthrough: true }) response: ServerResponse,
  ): Promise<CheckedKeyDto | undefined> {
    const provider = this.storage.provider(id);
    const key = this.storage.validate(body.key, provider);
    return this.storage.store({ actor, owner: ofUser(actor), provider, key, options, clientInfo, response });
  }

  @Delete(':provider')
  @HttpCode(204)
  @ApiParam(PROVIDER)
  @ApiOperation({ summary: 'Remove my key for a provider', description: '204 also when there is none.' })
  @ApiNoContentResponse()
  @Refuses('provider_not_found')
  async remove(
    @CurrentUser() actor: SignedInUser,
    @Param('provider') id: string,
    @RequestClientInfo() clientInfo: ClientInfo,
  ): Promise<void> {
    await this.storage.remove({ actor, owner: ofUser(actor), providerId: id, clientInfo });
  }
}
