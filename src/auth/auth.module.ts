import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CacheModule } from '../cache/cache.module';
import { AccessChanges } from './access-changes';
import { ClientNetworks } from '../api/client-networks';
import { KeyedMutex } from './keyed-mutex';
import { ProxyTokenEntity } from './proxy-token.entity';
import { ProxyTokensService } from './proxy-tokens.service';
import { SessionEntity } from './session.entity';
import { SessionsService } from './sessions.service';
import { UnknownTokenLimiter } from './unknown-token-limiter';
import { UserEntity } from './user.entity';
import { UsersService } from './users.service';

@Module({
  imports: [TypeOrmModule.forFeature([UserEntity, SessionEntity, ProxyTokenEntity]), CacheModule],
  providers: [
    AccessChanges,
    ClientNetworks,
    KeyedMutex,
    UnknownTokenLimiter,
    UsersService,
    SessionsService,
    ProxyTokensService,
  ],
  exports: [
    AccessChanges,
    ClientNetworks,
    KeyedMutex,
    UsersService,
    SessionsService,
    ProxyTokensService,
    UnknownTokenLimiter,
  ],
})
export class AuthModule {}
