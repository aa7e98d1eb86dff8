import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Logger } from 'pino';
import { CacheModule } from '../cache/cache.module';
import { CONFIG, Config } from '../config/config';
import { LOGGER } from '../logging/logging.module';
import { AnthropicKeyEntity } from './anthropic-key.entity';
import { AnthropicKeyRepository } from './anthropic-key.repository';
import { CredentialsService } from './credentials.service';
import { EncryptionService, MASTER_KEYS } from './encryption.service';
import { KeyUseObserver } from './key-use.observer';
import { LastUseService } from './last-use.service';
import { keyFromDataDirectory, MasterKeyError, MasterKeys, masterKeys } from './master-keys';
import { DecryptionCheckService } from './decryption-check.service';
import { RotationService } from './rotation.service';

@Module({
  imports: [TypeOrmModule.forFeature([AnthropicKeyEntity]), CacheModule],
  providers: [
    AnthropicKeyRepository,
    EncryptionService,
    LastUseService,
    KeyUseObserver,
    CredentialsService,
    RotationService,
    DecryptionCheckService,
    { provide: MASTER_KEYS, useFactory: resolveMasterKeys, inject: [CONFIG, LOGGER, AnthropicKeyRepository] },
  ],
  exports: [CredentialsService, RotationService, DecryptionCheckService],
})
export class CredentialsModule {}

/**
 * Takes the master keys from the environment, or with the embedded database from the data directory, where the first start
 * creates one.
 */
async function resolveMasterKeys(
  { encryption, database }: Config,
  logger: Logger,
  rows: AnthropicKeyRepository,
): Promise<MasterKeys> {
  const inUse = await rows.countByMasterKey();
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
