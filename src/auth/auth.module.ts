import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuthController } from './auth.controller';
import { DeviceAuthorizationEntity } from './device-authorization.entity';
import { DeviceLoginController } from './device-login.controller';
import { DeviceLoginService } from './device-login.service';
import { PasswordHasher } from './password-hasher';
import { SessionEntity } from './session.entity';
import { SessionsService } from './sessions.service';
import { UserEntity } from './user.entity';
import { UsersService } from './users.service';

@Module({
  imports: [TypeOrmModule.forFeature([UserEntity, SessionEntity, DeviceAuthorizationEntity])],
  controllers: [AuthController, DeviceLoginController],
  providers: [PasswordHasher, UsersService, SessionsService, DeviceLoginService],
  exports: [UsersService, SessionsService],
})
export class AuthModule {}
