import { randomUUID, KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { EntityManager, In } from 'typeorm';
import { DataKeyEntity } from './data-key.entity';
import { dataKeyBinding } from './data-key.repository';
import { DecryptionError, EncryptionService } from './encryption.service';

/** The keys of sets of data. They are stored encrypted, and deleting one deletes what it has encrypted. */
@Injectable()
export class DataKeysService {
  constructor(private readonly encryption: EncryptionService) {}

  /** Creates a data key of a user in the caller's transaction. */
  async create(
    transaction: EntityManager,
    userId: string,
  ): Promise<{ readonly id: string; readonly key: KeyObject }> {
    const id = randomUUID();
    const { purpose, owner } = dataKeyBinding(id);
    const { dataKey: key, wrapped } = this.encryption.wrapDataKey(purpose, owner);
    await transaction.insert(DataKeyEntity, { id, userId, ...wrapped });
    return { id, key };
  }

  /**
   * Returns a data key, or undefined if it has been deleted.
   * @throws DecryptionError if its master key is not configured, or the row was changed.
   */
  async find(manager: EntityManager, id: string): Promise<KeyObject | undefined> {
    const row = await manager.findOneBy(DataKeyEntity, { id });
    return row === null ? undefined : this.unwrap(row);
  }

  /** Returns those of some data keys that have not been deleted and can be decrypted, by their ids. */
  async findAll(manager: EntityManager, ids: readonly string[]): Promise<Map<string, KeyObject>> {
    const rows = await manager.findBy(DataKeyEntity, { id: In([...ids]) });
    return new Map(rows.flatMap((row) => this.unwrapped(row) ?? []));
  }

  /** Deletes data keys in the caller's transaction. */
  async delete(transaction: EntityManager, ids: readonly string[]): Promise<void> {
    await transaction.delete(DataKeyEntity, [...ids]);
  }

  /** Returns a data key with its id; undefined if it can't be decrypted. */
  private unwrapped(row: DataKeyEntity): [[string, KeyObject]] | undefined {
    try {
      return [[row.id, this.unwrap(row)]];
    } catch (error) {
      if (error instanceof DecryptionError) return undefined;
      throw error;
    }
  }

  private unwrap(row: DataKeyEntity): KeyObject {
    const { purpose, owner } = dataKeyBinding(row.id);
    return this.encryption.unwrapDataKey(row, purpose, owner);
  }
}
