import { Body, Controller, Delete, Get, HttpCode, Inject, Put, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ServerResponse } from 'node:http';
import { Refuses } from '../api/refuses';
import { AuditService } from '../audit/audit.service';
import { ClientInfo, RequestClientInfo } from '../audit/client-info';
import { CurrentUser } from '../auth/authenticated';
import { SignedInUser } from '../auth/principal';
import { CONFIG, Config } from '../config/config';
import { CredentialsService } from '../credentials/credentials.service';
import { ANTHROPIC } from '../providers/anthropic';
import { KeyCheckService } from '../proxy/key-check.service';
import { AnthropicKeyDto, AnthropicKeyStatusDto, CheckedKeyDto, StoreKeyQueryDto } from './me.dto';
import { unstoredKey } from './unstored-key';

@ApiTags('me')
@ApiBearerAuth()
@Controller('api/v1/me/anthropic-key')
export class MeController {
  constructor(
    private readonly credentials: CredentialsService,
    private readonly audit: AuditService,
    private readonly keyCheck: KeyCheckService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'Is my Anthropic key stored, since when, and when was it last used',
    description: 'Never the key; of it only a fingerprint, to tell it from another one.',
  })
  @ApiOkResponse({ type: AnthropicKeyStatusDto })
  async status(@CurrentUser() { userId }: SignedInUser): Promise<AnthropicKeyStatusDto> {
    return AnthropicKeyStatusDto.of(await this.credentials.status(userId));
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
  @Refuses('key_refused', 'provider_error', 'provider_unreachable', 'provider_timeout')
  async store(
    @CurrentUser() user: SignedInUser,
    @Body() { key }: AnthropicKeyDto,
    @Query() { check, force }: StoreKeyQueryDto,
    @RequestClientInfo() clientInfo: ClientInfo,
    @Res({ passthrough: true }) response: ServerResponse,
  ): Promise<CheckedKeyDto | undefined> {
    if (check && !force) await this.refuseUnlessItWorks(user.userId, key, response);
    if (response.destroyed) return undefined; // a client that disconnected got no result, so nothing is stored
    const { done, fingerprint } = await this.credentials.store(user.userId, key);
    await this.audit.record({
      action: `anthropic_key_${done}`,
      actor: user,
      clientInfo,
      details: { fingerprint },
    });
    if (!check) return undefined;
    response.statusCode = 200;
    return { status: force ? 'unchecked' : 'works', fingerprint };
  }

  @Delete()
  @HttpCode(204)
  @ApiOperation({ summary: 'Remove my Anthropic key', description: '204 also when there is none.' })
  @ApiNoContentResponse()
  async remove(
    @CurrentUser() user: SignedInUser,
    @RequestClientInfo() clientInfo: ClientInfo,
  ): Promise<void> {
    if (!(await this.credentials.remove(user.userId))) return;
    await this.audit.record({ action: 'anthropic_key_removed', actor: user, clientInfo });
  }

  /**
   * Checks the key with a request to the provider, which is aborted when the client disconnects.
   * @throws ApiException (key_refused, provider_error, provider_unreachable, provider_timeout) unless the key works.
   */
  private async refuseUnlessItWorks(userId: string, key: string, response: ServerResponse): Promise<void> {
    const left = new AbortController();
    response.once('close', () => {
      left.abort();
    });
    const check = await this.keyCheck.check(ANTHROPIC.id, userId, key, left.signal);
    if (check.result !== 'works') throw unstoredKey(ANTHROPIC, check, this.config.keyCheckMs);
  }
}
