import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditModule } from '../audit/audit.module';
import { AuthModule } from '../auth/auth.module';
import { OrgsModule } from '../orgs/orgs.module';
import { AccountDeletionService } from './account-deletion.service';
import { AccountController } from './account.controller';
import { AccountsService } from './accounts.service';
import { AuthController } from './auth.controller';
import { DeactivationController } from './deactivation.controller';
import { DeactivationService } from './deactivation.service';
import { DeviceAuthorizationEntity } from './device-authorization.entity';
import { DeviceLoginController } from './device-login.controller';
import { DeviceLoginService } from './device-login.service';
import { PasswordHasher } from './password-hasher';
import { PasswordLimits } from './password-limits';
import { PasswordController } from './password.controller';
import { RegistrationController } from './registration.controller';
import { RegistrationService } from './registration.service';

/**
 * Registration, sign-in, device login, passwords and account deletion. The services are used only by the module's own
 * controllers and the operator's commands.
 */
@Module({
  imports: [TypeOrmModule.forFeature([DeviceAuthorizationEntity]), AuditModule, AuthModule, OrgsModule],
  controllers: [
    AuthController,
    PasswordController,
    DeviceLoginController,
    RegistrationController,
    DeactivationController,
    AccountController,
  ],
  providers: [
    PasswordHasher,
    PasswordLimits,
    AccountsService,
    DeviceLoginService,
    RegistrationService,
    DeactivationService,
    AccountDeletionService,
  ],
})
export class AccountsModule {}
