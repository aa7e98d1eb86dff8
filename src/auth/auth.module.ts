import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CacheModule } from '../cache/cache.module';
import { AccessChanges } from './access-changes';
import { ClientNetworks } from '../api/client-networks';
import { OwnerTurns } from './owner-turns';
import { ProxyTokenEntity } from './proxy-token.entity';
import { ProxyTokensService } from './proxy-tokens.service';
import { SessionEntity } from './session.entity';
import { SessionsService } from './sessions.service';
import { TokenLookups } from './token-lookups';
import { UserEntity } from './user.entity';
import { UsersService } from './users.service';

@Module({
  imports: [TypeOrmModule.forFeature([UserEntity, SessionEntity, ProxyTokenEntity]), CacheModule],
  providers: [
    AccessChanges,
    ClientNetworks,
    OwnerTurns,
    TokenLookups,
    UsersService,
    SessionsService,
    ProxyTokensService,
  ],
  exports: [
    AccessChanges,
    ClientNetworks,
    OwnerTurns,
    UsersService,
    SessionsService,
    ProxyTokensService,
    TokenLookups,
  ],
})
export class AuthModule {}
