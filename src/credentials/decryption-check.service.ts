import { Inject, Injectable } from '@nestjs/common';
import { EntityManager, MoreThan } from 'typeorm';
import { AnthropicKeyEntity } from './anthropic-key.entity';
import { DecryptionError, EncryptionService, MASTER_KEYS } from './encryption.service';
import { MasterKeys } from './master-keys';

const BATCH = 500;

export interface DecryptionCheck {
  readonly opened: number;
  /** Those that name a master key that is not configured, by its id. */
  readonly missing: ReadonlyMap<string, number>;
  /** Those that do not open with the master key that they name. */
  readonly damaged: number;
}

/** Tries whether stored keys open here, for a database that was filled elsewhere. Keeps and gives out no plaintext. */
@Injectable()
export class DecryptionCheckService {
  constructor(
    private readonly encryption: EncryptionService,
    @Inject(MASTER_KEYS) private readonly keys: MasterKeys,
  ) {}

  /** Every row, as the caller's transaction sees it. */
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
