import { Body, Controller, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Throttle } from '@nestjs/throttler';
import { Request, Response } from 'express';
import { Public } from '../api/public';
import { SIGN_IN_LIMITS } from '../api/rate-limits';
import { Refuses } from '../api/refuses';
import { AuditService } from '../audit/audit.service';
import { ClientInfo, RequestClientInfo } from '../audit/client-info';
import { setSessionCookie } from '../auth/session-cookie';
import { CONFIG, Config } from '../config/config';
import { setBrowserCookie } from './browser-cookie';
import { HashesPassword } from './hashes-password';
import { PasswordLimits } from './password-limits';
import { RegisterDto, RegisteredDto } from './registration.dto';
import { joinTargetOf, RegistrationService } from './registration.service';

@ApiTags('auth')
@Controller('api/v1/auth/register')
export class RegistrationController {
  constructor(
    private readonly registration: RegistrationService,
    private readonly limits: PasswordLimits,
    private readonly audit: AuditService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Post()
  @Public()
  @Throttle(SIGN_IN_LIMITS)
  @HashesPassword()
  @ApiOperation({
    summary: 'Sign up',
    description:
      'Creates a person, and a session of 30 days. With `org_name` also an organization that they own; with the code of an ' +
      '`invite` they join the one that it is for. Who may: see `registration` of `GET /api/v1/server`.',
  })
  @ApiCreatedResponse({ type: RegisteredDto })
  @Refuses(
    'conflicting_field',
    'registration_closed',
    'invite_required',
    'invalid_invite',
    'invite_for_other_email',
    'email_taken',
    'org_name_taken',
    'server_busy',
  )
  async register(
    @Body() { email, password, name, org_name, invite }: RegisterDto,
    @RequestClientInfo() clientInfo: ClientInfo,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RegisteredDto> {
    this.limits.countSignUp(request, email);
    const { user, org, session, inviteId } = await this.registration.register(
      { email, password, name },
      joinTargetOf(org_name, invite),
      request,
    );
    await this.audit.record({
      action: 'registered',
      actor: { userId: user.id },
      orgId: org.id,
      clientInfo,
      details: { session_id: session.id, ...(inviteId !== undefined && { invite_id: inviteId }) },
    });
    setSessionCookie(response, this.config.http.publicUrl, session);
    setBrowserCookie(response, this.config.http.publicUrl, user);
    return {
      user_id: user.id,
      org_id: org.id,
      org_name: org.name,
      token: session.token,
      expires_at: session.expiresAt.toISOString(),
    };
  }
}
