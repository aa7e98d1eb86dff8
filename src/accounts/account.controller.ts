import { Body, Controller, HttpCode, Inject, Post, Res } from '@nestjs/common';
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
import { clearSessionCookie } from '../auth/session-cookie';
import { CONFIG, Config } from '../config/config';
import { DeleteMeDto } from './auth.dto';
import { AccountDeletionService } from './account-deletion.service';
import { HashesPassword } from './hashes-password';
import { PasswordLimits } from './password-limits';

const WRONG = 'current_password is not your password. Nothing was deleted.';

@ApiTags('auth')
@ApiBearerAuth()
@Controller('api/v1/auth/me')
export class AccountController {
  constructor(
    private readonly deletion: AccountDeletionService,
    private readonly limits: PasswordLimits,
    private readonly audit: AuditService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** POST and not DELETE, because intermediaries may drop the body of a DELETE, which holds the password. */
  @Post('delete')
  @Throttle(SIGN_IN_LIMITS)
  @HashesPassword()
  @HttpCode(204)
  @ApiOperation({
    summary: 'Delete my account',
    description:
      'With my sessions, proxy tokens, stored key and memberships, at once and for good; organizations that nobody else is in go ' +
      'as well, with their API keys and invites. The audit trail stays.',
  })
  @ApiNoContentResponse()
  @Refuses('wrong_password', 'last_owner', 'only_account', 'server_busy')
  async delete(
    @CurrentUser() user: SignedInUser,
    @Body() { current_password }: DeleteMeDto,
    @RequestClientInfo() clientInfo: ClientInfo,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    const attempt = () => this.deletion.deleteAccount(user.userId, current_password);
    const deleted = await this.limits.confirm(user.userId, attempt, (done) => done === undefined);
    const done = { actor: user, clientInfo };
    if (deleted === undefined) {
      await this.audit.record({ ...done, action: 'account_deletion_refused' });
      throw new ApiException('wrong_password', WRONG, { field: 'current_password' });
    }
    // The email is recorded because the id of a deleted account no longer identifies anybody.
    await this.audit.record({ ...done, action: 'account_deleted', details: { email: deleted.email } });
    for (const { id: orgId, name } of deleted.orgs)
      await this.audit.record({ ...done, action: 'org_deleted', orgId, details: { name } });
    clearSessionCookie(response, this.config.http.publicUrl);
  }
}
