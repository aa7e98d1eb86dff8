import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Logger } from 'pino';
import { CacheModule } from '../cache/cache.module';
import { CONFIG, Config } from '../config/config';
import { LOGGER } from '../logging/logging.module';
import { DataKeyEntity } from './data-key.entity';
import { DataKeyRepository } from './data-key.repository';
import { DataKeysService } from './data-keys.service';
import { ProviderKeyEntity } from './provider-key.entity';
import { ProviderKeyRepository } from './provider-key.repository';
import { MembershipEntity } from '../orgs/membership.entity';
import { CallKeysService } from './call-keys.service';
import { CredentialsService } from './credentials.service';
import { EncryptionService, MASTER_KEYS } from './encryption.service';
import { KeyUseObserver } from './key-use.observer';
import { LastUseService } from './last-use.service';
import { keyFromDataDirectory, MasterKeyError, MasterKeys, masterKeys } from './master-keys';
import { DecryptionCheckService } from './decryption-check.service';
import { RotationService } from './rotation.service';
import { countByMasterKey, SealedRows } from './sealed-rows';
import { SigningKeyEntity } from './signing-key.entity';
import { SigningKeyRepository } from './signing-key.repository';
import { SigningKeysService } from './signing-keys.service';

@Module({
  imports: [
    TypeOrmModule.forFeature([DataKeyEntity, ProviderKeyEntity, MembershipEntity, SigningKeyEntity]),
    CacheModule,
  ],
  providers: [
    DataKeyRepository,
    DataKeysService,
    SigningKeyRepository,
    SigningKeysService,
    ProviderKeyRepository,
    EncryptionService,
    LastUseService,
    KeyUseObserver,
    CredentialsService,
    CallKeysService,
    RotationService,
    DecryptionCheckService,
    {
      provide: MASTER_KEYS,
      useFactory: resolveMasterKeys,
      inject: [CONFIG, LOGGER, ProviderKeyRepository, DataKeyRepository, SigningKeyRepository],
    },
  ],
  exports: [
    CredentialsService,
    CallKeysService,
    DataKeysService,
    SigningKeysService,
    RotationService,
    DecryptionCheckService,
  ],
})
export class CredentialsModule {}

/**
 * Takes the master keys from the environment, or with the embedded database from the data directory, where the first start
 * creates one.
 */
async function resolveMasterKeys(
  { encryption, database }: Config,
  logger: Logger,
  ...tables: SealedRows[]
): Promise<MasterKeys> {
  const inUse = await countByMasterKey(tables);
  let current = encryption.currentKey;
  if (current === undefined) {
    if (database.kind !== 'embedded') throw new MasterKeyError('Set TRACEVAULT_ENCRYPTION_KEY.');
    const { key, created, path } = await keyFromDataDirectory(database, () =>
      Promise.resolve(inUse.size > 0),
    );
    if (created)
      logger.warn(
        `Created a master key and keep it in ${path}. Back it up: without it, stored keys can't be read.`,
      );
    current = key;
  }
  const keys = masterKeys(current, encryption.previousKeys);
  for (const [masterKeyId, count] of inUse) {
    if (keys.byId.has(masterKeyId)) continue;
    logger.error(
      { master_key_id: masterKeyId, rows: count },
      'Stored keys need a master key that is not configured. Add it to TRACEVAULT_ENCRYPTION_KEY_PREVIOUS; until then their owners get an error.',
    );
  }
  return keys;
}
