import { Body, Controller, Delete, Get, HttpCode, Put } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiErrors } from '../api/error.dto';
import { AuditService } from '../audit/audit.service';
import { Origin, RequestOrigin } from '../audit/origin';
import { CurrentUser } from '../auth/authenticated';
import { SignedInUser } from '../auth/principal';
import { CredentialsService } from '../credentials/credentials.service';
import { AnthropicKeyDto, AnthropicKeyStatusDto } from './me.dto';

@ApiTags('me')
@ApiBearerAuth()
@ApiErrors({
  401: 'Not signed in.',
  403: "An organization's API key can't do this: the proxy and the keys stored for it are per person.",
})
@Controller('api/v1/me/anthropic-key')
export class MeController {
  constructor(
    private readonly credentials: CredentialsService,
    private readonly audit: AuditService,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'Is my Anthropic key stored, since when, and when was it last used',
    description: 'Never the key, nor a part of it.',
  })
  @ApiOkResponse({ type: AnthropicKeyStatusDto })
  async status(@CurrentUser() { userId }: SignedInUser): Promise<AnthropicKeyStatusDto> {
    return AnthropicKeyStatusDto.of(await this.credentials.status(userId));
  }

  @Put()
  @HttpCode(204)
  @ApiOperation({
    summary: 'Store my Anthropic key, or replace it',
    description: 'Encrypted at once (AES-256-GCM); used from the next request through the proxy on.',
  })
  @ApiNoContentResponse()
  @ApiErrors({ 400: 'key must begin with sk-ant-' })
  async store(
    @CurrentUser() user: SignedInUser,
    @Body() { key }: AnthropicKeyDto,
    @RequestOrigin() origin: Origin,
  ): Promise<void> {
    const done = await this.credentials.store(user.userId, key);
    await this.audit.record({ action: `anthropic_key_${done}`, actor: user, origin });
  }

  @Delete()
  @HttpCode(204)
  @ApiOperation({ summary: 'Remove my Anthropic key', description: '204 also when there is none.' })
  @ApiNoContentResponse()
  async remove(@CurrentUser() user: SignedInUser, @RequestOrigin() origin: Origin): Promise<void> {
    if (!(await this.credentials.remove(user.userId))) return;
    await this.audit.record({ action: 'anthropic_key_removed', actor: user, origin });
  }
}
