import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AuditService } from '../audit/audit.service';
import { ClientInfo, RequestClientInfo } from '../audit/client-info';
import { CurrentUser } from '../auth/authenticated';
import { SignedInUser } from '../auth/principal';
import { CaptureSettingsService } from './capture-settings.service';
import { CaptureDto } from './capture.dto';

/** Whether the content of a person's calls is kept. */
@ApiTags('traces')
@ApiBearerAuth()
@Controller('api/v1/me/capture')
export class CaptureController {
  constructor(
    private readonly settings: CaptureSettingsService,
    private readonly audit: AuditService,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Whether the content of my calls is kept' })
  @ApiOkResponse({ type: CaptureDto })
  async get(@CurrentUser() { userId }: SignedInUser): Promise<CaptureDto> {
    return { content: await this.settings.get(userId) };
  }

  @Put()
  @ApiOperation({
    summary: 'Have the content of my calls kept, or not any more',
    description:
      'It holds from the next call on. Calls with no conversation (files, batches, embeddings) are in no trace, and are not kept unless they carry a session id. What is kept already stays until it is deleted.',
  })
  @ApiOkResponse({ type: CaptureDto })
  async set(
    @CurrentUser() user: SignedInUser,
    @Body() { content }: CaptureDto,
    @RequestClientInfo() clientInfo: ClientInfo,
  ): Promise<CaptureDto> {
    if (await this.settings.set(user.userId, content))
      await this.audit.record({
        action: content ? 'capture_enabled' : 'capture_disabled',
        actor: user,
        clientInfo,
      });
    return { content };
  }
}
