import { Body, Controller, HttpCode, Inject, Put, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Throttle } from '@nestjs/throttler';
import { Response } from 'express';
import { ApiException } from '../api/api.exception';
import { SIGN_IN_LIMITS } from '../api/rate-limits';
import { Refuses } from '../api/refuses';
import { AuditService } from '../audit/audit.service';
import { ClientInfo, RequestClientInfo } from '../audit/client-info';
import { CurrentUser } from '../auth/authenticated';
import { SignedInUser } from '../auth/principal';
import { UsersService } from '../auth/users.service';
import { CONFIG, Config } from '../config/config';
import { AccountsService } from './accounts.service';
import { ChangePasswordDto } from './auth.dto';
import { setBrowserCookie } from './browser-cookie';
import { HashesPassword } from './hashes-password';
import { PasswordLimits } from './password-limits';

@ApiTags('auth')
@Controller('api/v1/auth/password')
export class PasswordController {
  constructor(
    private readonly accounts: AccountsService,
    private readonly users: UsersService,
    private readonly limits: PasswordLimits,
    private readonly audit: AuditService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Put()
  @Throttle(SIGN_IN_LIMITS)
  @HashesPassword()
  @HttpCode(204)
  @ApiBearerAuth()
  @ApiOperation({
    summary: 'Change my password',
    description: 'Revokes all my other sessions; the one that asks goes on, and so do my proxy tokens.',
  })
  @ApiNoContentResponse()
  @Refuses('wrong_password', 'server_busy')
  async change(
    @CurrentUser() user: SignedInUser,
    @Body() { current_password, new_password }: ChangePasswordDto,
    @RequestClientInfo() clientInfo: ClientInfo,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    const attempt = () => this.accounts.changePassword(user, current_password, new_password);
    const changed = await this.limits.confirm(user.userId, attempt, (done) => !done);
    const action = changed ? 'password_changed' : 'password_change_refused';
    await this.audit.record({ action, actor: user, clientInfo });
    if (!changed)
      throw new ApiException(
        'wrong_password',
        'current_password is not your password. Nothing was changed.',
        {
          field: 'current_password',
        },
      );
    setBrowserCookie(response, this.config.http.publicUrl, await this.users.get(user.userId));
  }
}
