import { Body, Controller, Headers, HttpCode, Inject, Post, Req, UseInterceptors } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiConsumes,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { SkipThrottle, Throttle } from '@nestjs/throttler';
import { Request } from 'express';
import { ApiException } from '../api/api.exception';
import { FORM_TYPE } from '../api/form-body';
import { OAuthException } from '../api/oauth.exception';
import { Public } from '../api/public';
import { SIGN_IN_LIMITS } from '../api/rate-limits';
import { Refuses } from '../api/refuses';
import { AuditService } from '../audit/audit.service';
import { ClientInfo, RequestClientInfo } from '../audit/client-info';
import { CurrentUser } from '../auth/authenticated';
import { SignedInUser } from '../auth/principal';
import { CONFIG, Config } from '../config/config';
import { displayable } from '../logging/display-text';
import { DeviceGuesses } from './device-guesses.interceptor';
import {
  DEVICE_GRANT,
  DeviceAuthorizedDto,
  DeviceAuthorizeDto,
  DeviceDecisionDto,
  DeviceSessionDto,
  DeviceTokenDto,
  PendingDeviceDto,
  UserCodeDto,
} from './device-login.dto';
import {
  DEVICE_CODE_SECONDS,
  DeviceLoginService,
  POLL_INTERVAL_SECONDS,
  PollRefusal,
} from './device-login.service';
import { OAuthErrors } from './oauth-errors.interceptor';

const REFUSALS: Record<PollRefusal, string> = {
  authorization_pending: 'Nobody has approved this login yet. Ask again after the interval.',
  slow_down: 'Asked again too soon. Wait five seconds longer between two polls from now on.',
  access_denied:
    'The login was denied. Begin again with POST /api/v1/auth/device/authorize if it was a mistake.',
  expired_token: 'The codes have expired. Begin again with POST /api/v1/auth/device/authorize.',
  invalid_grant:
    'The device code is unknown or was used already. Begin again with POST /api/v1/auth/device/authorize.',
};
const NOTHING_WAITS =
  'No login waits under this code. It may have expired, or was decided already. Check the code, or begin again on your device.';

/** Device login for clients without a browser (RFC 8628). The `error` field of a refusal is an OAuth error code. */
@ApiTags('auth')
@Controller('api/v1/auth/device')
export class DeviceLoginController {
  constructor(
    private readonly logins: DeviceLoginService,
    private readonly audit: AuditService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Post('authorize')
  @Public()
  @Throttle(SIGN_IN_LIMITS)
  @UseInterceptors(OAuthErrors)
  @HttpCode(200)
  @ApiConsumes('application/json', FORM_TYPE)
  @ApiOperation({
    summary: 'Begin a device login',
    description:
      'For a client without a browser (RFC 8628). Show the person `verification_uri` and `user_code`, then poll with `device_code`. `error` is `invalid_request` for a request that is none.',
  })
  @ApiOkResponse({ type: DeviceAuthorizedDto })
  async authorize(
    @Body() { client_name }: DeviceAuthorizeDto,
    @Headers('user-agent') userAgent: string | undefined,
    @RequestClientInfo() { address }: ClientInfo,
  ): Promise<DeviceAuthorizedDto> {
    const clientName = client_name || nameOf(userAgent);
    const { deviceCode, userCode } = await this.logins.begin(clientName, address);
    const page = `${this.config.http.publicUrl}/device`;
    return {
      device_code: deviceCode,
      user_code: userCode,
      verification_uri: page,
      verification_uri_complete: `${page}?user_code=${userCode}`,
      expires_in: DEVICE_CODE_SECONDS,
      interval: POLL_INTERVAL_SECONDS,
    };
  }

  @Post('token')
  @Public()
  @SkipThrottle() // many clients may poll from one address; slow_down limits each of them
  @UseInterceptors(OAuthErrors, DeviceGuesses)
  @HttpCode(200)
  @ApiConsumes('application/json', FORM_TYPE)
  @ApiOperation({
    summary: 'Redeem a device code',
    description:
      'Poll at the interval. `error` says how things stand: `authorization_pending`, `slow_down`, `access_denied`, `expired_token`, `invalid_grant`, or of a request that is none: `invalid_request`, `unsupported_grant_type`. The token is given once.',
  })
  @ApiOkResponse({ type: DeviceSessionDto })
  async redeem(
    @Body() { device_code, grant_type }: DeviceTokenDto,
    @RequestClientInfo() clientInfo: ClientInfo,
  ): Promise<DeviceSessionDto> {
    if ((grant_type ?? DEVICE_GRANT) !== DEVICE_GRANT)
      throw new OAuthException('unsupported_grant_type', `grant_type must be ${DEVICE_GRANT}`);
    const result = await this.logins.poll(device_code);
    if (typeof result === 'string') throw new OAuthException(result, REFUSALS[result]);
    const actor = { userId: result.user.id };
    const details = { by: 'device', session_id: result.session.id, device_login_id: result.loginId };
    await this.audit.record({ action: 'signed_in', actor, clientInfo, details });
    return DeviceSessionDto.of(result);
  }

  @Post('preview')
  @Throttle(SIGN_IN_LIMITS)
  @HttpCode(200)
  @ApiBearerAuth()
  @ApiOperation({
    summary: 'See which device waits',
    description: 'Before approving: what the client calls itself, and where it asked from.',
  })
  @ApiOkResponse({ type: PendingDeviceDto })
  @Refuses('device_login_not_found')
  async preview(@Body() { user_code }: UserCodeDto, @Req() request: Request): Promise<PendingDeviceDto> {
    const waiting = await this.logins.find(user_code, request);
    if (waiting === undefined) throw nothingWaits();
    return PendingDeviceDto.of(waiting);
  }

  @Post('approve')
  @Throttle(SIGN_IN_LIMITS)
  @HttpCode(204)
  @ApiBearerAuth()
  @ApiOperation({
    summary: 'Approve or deny a device login',
    description:
      'The device gets a session of yours for 30 days. Approve only a login that you began yourself.',
  })
  @ApiNoContentResponse()
  @Refuses('device_login_not_found')
  async approve(
    @CurrentUser() user: SignedInUser,
    @Body() { user_code, action }: DeviceDecisionDto,
    @RequestClientInfo() clientInfo: ClientInfo,
    @Req() request: Request,
  ): Promise<void> {
    const decision = action === 'deny' ? 'denied' : 'approved';
    const loginId = await this.logins.decide(user_code, user, decision, request);
    if (loginId === undefined) throw nothingWaits();
    const details = { device_login_id: loginId };
    await this.audit.record({ action: `device_login_${decision}`, actor: user, clientInfo, details });
  }
}

function nothingWaits(): ApiException {
  return new ApiException('device_login_not_found', NOTHING_WAITS, { field: 'user_code' });
}

function nameOf(userAgent = ''): string {
  const shown = displayable(userAgent).replace(/\P{ASCII}/gu, '?');
  return shown.slice(0, 100) || 'a client that does not say who it is';
}
