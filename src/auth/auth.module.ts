import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditModule } from '../audit/audit.module';
import { CacheModule } from '../cache/cache.module';
import { AccessChanges } from './access-changes';
import { ClientNetworks } from '../api/client-networks';
import { AccountsService } from './accounts.service';
import { AuthController } from './auth.controller';
import { DeviceAuthorizationEntity } from './device-authorization.entity';
import { DeviceLoginController } from './device-login.controller';
import { DeviceLoginService } from './device-login.service';
import { OwnerTurns } from './owner-turns';
import { PasswordController } from './password.controller';
import { PasswordLimits } from './password-limits';
import { PasswordHasher } from './password-hasher';
import { ProxyTokenEntity } from './proxy-token.entity';
import { ProxyTokensService } from './proxy-tokens.service';
import { SessionEntity } from './session.entity';
import { SessionsService } from './sessions.service';
import { TokenLookups } from './token-lookups';
import { UserEntity } from './user.entity';
import { UsersService } from './users.service';

@Module({
  imports: [
    TypeOrmModule.forFeature([UserEntity, SessionEntity, ProxyTokenEntity, DeviceAuthorizationEntity]),
    AuditModule,
    CacheModule,
  ],
  controllers: [AuthController, PasswordController, DeviceLoginController],
  providers: [
    AccessChanges,
    ClientNetworks,
    OwnerTurns,
    PasswordHasher,
    PasswordLimits,
    TokenLookups,
    UsersService,
    SessionsService,
    ProxyTokensService,
    AccountsService,
    DeviceLoginService,
  ],
  exports: [
    AccessChanges,
    OwnerTurns,
    PasswordHasher,
    PasswordLimits,
    UsersService,
    SessionsService,
    ProxyTokensService,
    AccountsService,
    TokenLookups,
  ],
})
export class AuthModule {}
