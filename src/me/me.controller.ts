import { Body, Controller, Delete, Get, HttpCode, Put, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ServerResponse } from 'node:http';
import { Refuses } from '../api/refuses';
import { ClientInfo, RequestClientInfo } from '../audit/client-info';
import { CurrentUser } from '../auth/authenticated';
import { SignedInUser } from '../auth/principal';
import { CredentialsService } from '../credentials/credentials.service';
import { KeyOwner } from '../credentials/provider-key.entity';
import { ANTHROPIC } from '../providers/anthropic';
import { KeyStorageService } from './key-storage.service';
import { AnthropicKeyDto, AnthropicKeyStatusDto, CheckedKeyDto, StoreKeyQueryDto } from './me.dto';

/** Another name for `me/keys/anthropic`, with the status of that key alone. */
@ApiTags('me')
@ApiBearerAuth()
@Controller('api/v1/me/anthropic-key')
export class MeController {
  constructor(
    private readonly credentials: CredentialsService,
    private readonly storage: KeyStorageService,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'Is my Anthropic key stored, since when, and when was it last used',
    description: 'Never the key; of it only a fingerprint, to tell it from another one.',
  })
  @ApiOkResponse({ type: AnthropicKeyStatusDto })
  async status(@CurrentUser() user: SignedInUser): Promise<AnthropicKeyStatusDto> {
    return AnthropicKeyStatusDto.of(await this.credentials.status(ofUser(user), ANTHROPIC.id));
  }

  @Put()
  @HttpCode(204)
  @ApiOperation({
    summary: 'Store my Anthropic key, or replace it',
    description:
      'Encrypted at once (AES-256-GCM); used from the next request through the proxy on. With `check=true` only when Anthropic takes it.',
  })
  @ApiNoContentResponse({ description: 'Stored, without `check`.' })
  @ApiOkResponse({ type: CheckedKeyDto, description: 'Stored, with `check`.' })
  @Refuses('provider_not_found', 'key_refused', 'provider_error', 'provider_unreachable', 'provider_timeout')
  async store(
    @CurrentUser() actor: SignedInUser,
    @Body() { key }: AnthropicKeyDto,
    @Query() options: StoreKeyQueryDto,
    @RequestClientInfo() clientInfo: ClientInfo,
    @Res({ passthrough: true }) response: ServerResponse,
  ): Promise<CheckedKeyDto | undefined> {
    const provider = this.storage.provider(ANTHROPIC.id);
    return this.storage.store({ actor, owner: ofUser(actor), provider, key, options, clientInfo, response });
  }

  @Delete()
  @HttpCode(204)
  @ApiOperation({ summary: 'Remove my Anthropic key', description: '204 also when there is none.' })
  @ApiNoContentResponse()
  @Refuses('provider_not_found')
  async remove(
    @CurrentUser() actor: SignedInUser,
    @RequestClientInfo() clientInfo: ClientInfo,
  ): Promise<void> {
    await this.storage.remove({ actor, owner: ofUser(actor), providerId: ANTHROPIC.id, clientInfo });
  }
}

/** Returns the owner of a user's own keys. */
export function ofUser({ userId }: SignedInUser): KeyOwner {
  return { kind: 'user', id: userId };
}
