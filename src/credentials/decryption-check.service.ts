import { Inject, Injectable } from '@nestjs/common';
import { EntityManager, FindOptionsWhere, MoreThan } from 'typeorm';
import { DataKeyEntity } from './data-key.entity';
import { dataKeyBinding } from './data-key.repository';
import { ProviderKeyEntity } from './provider-key.entity';
import { Binding, DecryptionError, EncryptionService, MASTER_KEYS } from './encryption.service';
import { bindingOf } from './key-binding';
import { MasterKeys } from './master-keys';
import { SealedRow } from './sealed-rows';
import { SigningKeyEntity } from './signing-key.entity';
import { signingKeyBinding } from './signing-key.repository';

const BATCH = 500;

export interface DecryptionCheck {
  readonly opened: number;
  /** The number of rows whose master key is not configured, by master key id. */
  readonly missing: ReadonlyMap<string, number>;
  /** The number of rows that can't be decrypted with their master key. */
  readonly damaged: number;
}

/**
 * Checks whether the stored keys, data keys and signing keys of a database that was filled elsewhere can be decrypted here. It neither retains
 * nor returns plaintext.
 */
@Injectable()
export class DecryptionCheckService {
  constructor(
    private readonly encryption: EncryptionService,
    @Inject(MASTER_KEYS) private readonly keys: MasterKeys,
  ) {}

  /** Checks every row that is visible in the caller's transaction. */
  async checkAll(transaction: EntityManager): Promise<DecryptionCheck> {
    const missing = new Map<string, number>();
    let [opened, damaged] = [0, 0];
    const check = (row: SealedRow, binding: () => Binding): void => {
      if (!this.keys.byId.has(row.masterKeyId))
        missing.set(row.masterKeyId, (missing.get(row.masterKeyId) ?? 0) + 1);
      else if (this.opens(row, binding)) opened++;
      else damaged++;
    };
    for await (const row of rowsOf(transaction, ProviderKeyEntity)) check(row, () => bindingOf(row));
    for await (const row of rowsOf(transaction, DataKeyEntity)) check(row, () => dataKeyBinding(row.id));
    for await (const row of rowsOf(transaction, SigningKeyEntity))
      check(row, () => signingKeyBinding(row.id));
    return { opened, missing, damaged };
  }

  private opens(row: SealedRow, binding: () => Binding): boolean {
    try {
      const { purpose, owner } = binding();
      this.encryption.decrypt(row, purpose, owner).fill(0);
      return true;
    } catch (error) {
      if (error instanceof DecryptionError) return false;
      throw error;
    }
  }
}

/** Yields all rows of a table, in the order of their ids. */
async function* rowsOf<Row extends SealedRow>(
  transaction: EntityManager,
  entity: new () => Row,
): AsyncGenerator<Row> {
  const rows = transaction.getRepository<SealedRow>(entity);
  let batch: SealedRow[] = [];
  do {
    const last = batch.at(-1)?.id;
    const where: FindOptionsWhere<SealedRow> = last === undefined ? {} : { id: MoreThan(last) };
    batch = await rows.find({ where, order: { id: 'ASC' }, take: BATCH });
    yield* batch as Row[];
  } while (batch.length === BATCH);
}
