import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Refuses } from '../api/refuses';
import { AuditAction } from '../audit/audit-event.entity';
import { AuditService } from '../audit/audit.service';
import { ClientInfo, RequestClientInfo } from '../audit/client-info';
import { CurrentUser } from '../auth/authenticated';
import { SignedInUser } from '../auth/principal';
import { CaptureSettings, CaptureSettingsService } from './capture-settings.service';
import { CaptureDto, UpdateCaptureDto } from './capture.dto';

/** The events of turning each choice on and off. */
const ACTIONS = {
  content: ['capture_enabled', 'capture_disabled'],
  redact: ['redaction_enabled', 'redaction_disabled'],
} as const satisfies Record<keyof CaptureSettings, readonly AuditAction[]>;

/** Whether the content of a person's calls is kept, and with the secrets in it or without. */
@ApiTags('traces')
@ApiBearerAuth()
@Controller('api/v1/me/capture')
export class CaptureController {
  constructor(
    private readonly settings: CaptureSettingsService,
    private readonly audit: AuditService,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Whether the content of my calls is kept, and with the secrets in it or without' })
  @ApiOkResponse({ type: CaptureDto })
  get(@CurrentUser() { userId }: SignedInUser): Promise<CaptureDto> {
    return this.settings.get(userId);
  }

  @Put()
  @Refuses('required', 'invalid_type')
  @ApiOperation({
    summary: 'Have the content of my calls kept, or not any more, with the secrets in it or without',
    description:
      'What is left out stays as it is. It holds from the next call on. Calls with no conversation (files, batches, embeddings) are in no trace, and are not kept unless they carry a session id. What is kept already stays until it is deleted.',
  })
  @ApiOkResponse({ type: CaptureDto })
  async set(
    @CurrentUser() user: SignedInUser,
    @Body() { content, redact }: UpdateCaptureDto,
    @RequestClientInfo() clientInfo: ClientInfo,
  ): Promise<CaptureDto> {
    for (const [choice, value] of [
      ['redact', redact],
      ['content', content],
    ] as const)
      if (value !== undefined && (await this.settings.set(user.userId, choice, value)))
        await this.audit.record({ action: ACTIONS[choice][value ? 0 : 1], actor: user, clientInfo });
    return this.settings.get(user.userId);
  }
}
