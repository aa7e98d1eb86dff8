import { Body, Controller, Delete, Get, Headers, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Throttle } from '@nestjs/throttler';
import { Request, Response } from 'express';
import { ApiException } from '../api/api.exception';
import { IdParam } from '../api/id';
import { Public } from '../api/public';
import { SIGN_IN_LIMITS } from '../api/rate-limits';
import { Refuses } from '../api/refuses';
import { AuditService } from '../audit/audit.service';
import { ClientInfo, RequestClientInfo } from '../audit/client-info';
import { CurrentUser } from '../auth/authenticated';
import { SignedInUser } from '../auth/principal';
import { clearSessionCookie, setSessionCookie } from '../auth/session-cookie';
import { NewSession, SessionsService } from '../auth/sessions.service';
import { CONFIG, Config } from '../config/config';
import { exchangeOf } from '../exchange/exchange-of';
import { AccountsService, PasswordCheck } from './accounts.service';
import { LoggedInDto, LoginDto, SessionDto } from './auth.dto';
import { setBrowserCookie } from './browser-cookie';
import { HashesPassword } from './hashes-password';
import { PasswordLimits } from './password-limits';

const WRONG = 'The email or the password is wrong.';
const DEACTIVATED =
  'This account was deactivated. Ask an owner or admin of your organization, or whoever runs this server.';

@ApiTags('auth')
@Controller('api/v1/auth')
export class AuthController {
  constructor(
    private readonly accounts: AccountsService,
    private readonly sessions: SessionsService,
    private readonly limits: PasswordLimits,
    private readonly audit: AuditService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Post('login')
  @Public()
  @Throttle(SIGN_IN_LIMITS)
  @HashesPassword()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Sign in',
    description:
      'Begins a session of 30 days. The token goes to agents and tools; a browser gets a cookie beside it, and over http ' +
      'half of it in `X-TraceVault-Page-Share`, which its pages send back with each request.',
  })
  @ApiOkResponse({ type: LoggedInDto })
  @Refuses('wrong_credentials', 'account_deactivated', 'server_busy')
  async login(
    @Body() { email, password }: LoginDto,
    @Headers('user-agent') userAgent: string | undefined,
    @RequestClientInfo() clientInfo: ClientInfo,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<LoggedInDto> {
    const attempt = () => this.trySignIn(email, password, userAgent);
    const { claimed, user, session } = await this.limits.signIn(
      request,
      email,
      attempt,
      (tried) => tried.session === undefined,
    );
    if (user === undefined || session === undefined) {
      const reason = user === undefined || user.deactivatedAt === null ? 'wrong_password' : 'deactivated';
      exchangeOf(response).authFailure = reason;
      // The email as typed is not recorded, because users type their password into the wrong field.
      const details = { reason };
      await this.audit.record({
        action: 'sign_in_failed',
        actor: 'anonymous',
        subjectId: claimed?.id,
        clientInfo,
        details,
      });
      if (reason === 'wrong_password') throw new ApiException('wrong_credentials', WRONG);
      throw new ApiException('account_deactivated', DEACTIVATED);
    }
    const details = { by: 'password', session_id: session.id };
    await this.audit.record({ action: 'signed_in', actor: { userId: user.id }, clientInfo, details });
    setSessionCookie(response, this.config.http.publicUrl, session);
    setBrowserCookie(response, this.config.http.publicUrl, user);
    return {
      token: session.token,
      user_id: user.id,
      email: user.email,
      expires_at: session.expiresAt.toISOString(),
    };
  }

  private async trySignIn(
    email: string,
    password: string,
    userAgent: string | undefined,
  ): Promise<PasswordCheck & { session: NewSession | undefined }> {
    const check = await this.accounts.checkPassword(email, password);
    const { user } = check;
    const mayEnter = user !== undefined && user.deactivatedAt === null;
    return { ...check, session: mayEnter ? await this.accounts.signIn(user, userAgent) : undefined };
  }

  @Post('logout')
  @HttpCode(204)
  @ApiBearerAuth()
  @ApiOperation({
    summary: 'Sign out',
    description: 'Revokes the session that asks, at once and everywhere.',
  })
  @ApiNoContentResponse()
  async logout(
    @CurrentUser() user: SignedInUser,
    @RequestClientInfo() clientInfo: ClientInfo,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    const details = { session_id: user.sessionId, by: 'sign_out' };
    if (await this.sessions.revoke(user.userId, user.sessionId))
      await this.audit.record({ action: 'session_revoked', actor: user, clientInfo, details });
    clearSessionCookie(response, this.config.http.publicUrl);
  }

  @Get('sessions')
  @ApiBearerAuth()
  @ApiOperation({ summary: 'List my live sessions', description: 'The latest used first.' })
  @ApiOkResponse({ type: [SessionDto] })
  async list(@CurrentUser() user: SignedInUser): Promise<SessionDto[]> {
    const sessions = await this.sessions.list(user.userId);
    return sessions.map((session) => SessionDto.of(session, user.sessionId));
  }

  @Delete('sessions/:id')
  @HttpCode(204)
  @ApiBearerAuth()
  @ApiOperation({
    summary: 'Revoke one of my sessions',
    description:
      'Its token is refused from the next request on. Device logins that were approved and are not redeemed yet end with it.',
  })
  @ApiNoContentResponse()
  @Refuses('session_not_found')
  async revokeSession(
    @CurrentUser() user: SignedInUser,
    @IdParam('id') id: string,
    @RequestClientInfo() clientInfo: ClientInfo,
  ): Promise<void> {
    if (!(await this.accounts.revokeSession(user.userId, id)))
      throw new ApiException('session_not_found', 'You have no such session.');
    await this.audit.record({
      action: 'session_revoked',
      actor: user,
      clientInfo,
      details: { session_id: id },
    });
  }
}
