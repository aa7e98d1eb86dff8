import { Inject, Injectable } from '@nestjs/common';
import { EntityManager, MoreThan } from 'typeorm';
import { AnthropicKeyEntity } from './anthropic-key.entity';
import { DecryptionError, EncryptionService, MASTER_KEYS } from './encryption.service';
import { MasterKeys } from './master-keys';

const BATCH = 500;

export interface DecryptionCheck {
  readonly opened: number;
  /** The number of rows whose master key is not configured, by master key id. */
  readonly missing: ReadonlyMap<string, number>;
  /** The number of rows that can't be decrypted with their master key. */
  readonly damaged: number;
}

/**
 * Checks whether the stored keys of a database that was filled elsewhere can be decrypted here. It neither retains nor
 * returns plaintext.
 */
@Injectable()
export class DecryptionCheckService {
  constructor(
    private readonly encryption: EncryptionService,
    @Inject(MASTER_KEYS) private readonly keys: MasterKeys,
  ) {}

  /** Checks every row that is visible in the caller's transaction. */
  async checkAll(transaction: EntityManager): Promise<DecryptionCheck> {
    const rows = transaction.getRepository(AnthropicKeyEntity);
    const missing = new Map<string, number>();
    let [opened, damaged] = [0, 0];
    let batch: AnthropicKeyEntity[] = [];
    do {
      const last = batch.at(-1)?.userId;
      const where = last === undefined ? {} : { userId: MoreThan(last) };
      batch = await rows.find({ where, order: { userId: 'ASC' }, take: BATCH });
      for (const row of batch) {
        if (!this.keys.byId.has(row.masterKeyId))
          missing.set(row.masterKeyId, (missing.get(row.masterKeyId) ?? 0) + 1);
        else if (this.opens(row)) opened++;
        else damaged++;
      }
    } while (batch.length === BATCH);
    return { opened, missing, damaged };
  }

  private opens(row: AnthropicKeyEntity): boolean {
    try {
      this.encryption.decrypt(row, 'anthropic-key', row.userId).fill(0);
      return true;
    } catch (error) {
      if (error instanceof DecryptionError) return false;
      throw error;
    }
  }
}
