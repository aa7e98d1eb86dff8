import { Body, Controller, ForbiddenException, HttpCode, Put } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Throttle } from '@nestjs/throttler';
import { ApiErrors } from '../api/error.dto';
import { SIGN_IN_LIMITS } from '../api/rate-limits';
import { AuditService } from '../audit/audit.service';
import { Origin, RequestOrigin } from '../audit/origin';
import { AccountsService } from './accounts.service';
import { ChangePasswordDto } from './auth.dto';
import { CurrentUser } from './authenticated';
import { HashesPassword } from './hashes-password';
import { SignedInUser } from './principal';

@ApiTags('auth')
@Controller('api/v1/auth/password')
export class PasswordController {
  constructor(
    private readonly accounts: AccountsService,
    private readonly audit: AuditService,
  ) {}

  @Put()
  @Throttle(SIGN_IN_LIMITS)
  @HashesPassword()
  @HttpCode(204)
  @ApiBearerAuth()
  @ApiOperation({
    summary: 'Change my password',
    description: 'Ends all my other sessions; the one that asks goes on, and so do my proxy tokens.',
  })
  @ApiNoContentResponse()
  @ApiErrors({
    400: 'new_password must have 10 to 128 characters',
    401: 'Not signed in.',
    403: 'current_password is not your password. Nothing was changed.',
  })
  async change(
    @CurrentUser() user: SignedInUser,
    @Body() { current_password, new_password }: ChangePasswordDto,
    @RequestOrigin() origin: Origin,
  ): Promise<void> {
    const changed = await this.accounts.changePassword(user, current_password, new_password);
    const action = changed ? 'password_changed' : 'password_change_refused';
    await this.audit.record({ action, actor: user, origin });
    if (!changed) throw new ForbiddenException('current_password is not your password. Nothing was changed.');
  }
}
