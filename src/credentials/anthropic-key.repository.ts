import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { LessThanOrEqual, MoreThan, Not, Repository } from 'typeorm';
import { AnthropicKeyEntity, KeyUse } from './anthropic-key.entity';
import { Sealed } from './encryption.service';

/** The part of a row that decrypting needs. */
export type EncryptedKey = Pick<AnthropicKeyEntity, 'userId' | 'ciphertext' | 'nonce' | 'masterKeyId'>;

const UNLESS_LOCKED = `"user_id" = (
  SELECT "user_id" FROM "user_anthropic_keys" WHERE "user_id" = :userId FOR NO KEY UPDATE SKIP LOCKED)`;

/** The rows of encrypted keys, one per user. It never handles plaintext. */
@Injectable()
export class AnthropicKeyRepository {
  constructor(@InjectRepository(AnthropicKeyEntity) private readonly rows: Repository<AnthropicKeyEntity>) {}

  async find(userId: string): Promise<AnthropicKeyEntity | null> {
    return this.rows.findOneBy({ userId });
  }

  /** Returns only what decrypting needs: the auth cache keeps it, and has no use for the rest of the row. */
  async findEncrypted(userId: string): Promise<EncryptedKey | undefined> {
    const select = { userId: true, ciphertext: true, nonce: true, masterKeyId: true } as const;
    return (await this.rows.findOne({ where: { userId }, select })) ?? undefined;
  }

  async upsert(userId: string, sealed: Sealed, fingerprint: string): Promise<void> {
    const row = { userId, ...sealed, fingerprint, updatedAt: new Date(), lastUse: null };
    await this.rows.upsert(row, ['userId']);
  }

  /**
   * Deletes a user's key.
   * @returns whether there was one.
   */
  async remove(userId: string): Promise<boolean> {
    const { affected } = await this.rows.delete({ userId });
    return affected === 1;
  }

  /**
   * Writes the last use of a user's key. It waits for no row lock: the writes queued behind it would all wait.
   * @returns false when nothing was changed: the key was removed or replaced after that use, the row has a later use
   * already, or another transaction holds the row at this moment.
   */
  async setLastUse(userId: string, lastUse: KeyUse): Promise<boolean> {
    const { affected } = await this.rows
      .createQueryBuilder()
      .update()
      .set({ lastUse })
      .where({ userId, updatedAt: LessThanOrEqual(new Date(lastUse.at)) })
      .andWhere(`("last_use" IS NULL OR "last_use"->>'at' <= :at)`, { at: lastUse.at })
      .andWhere(UNLESS_LOCKED, { userId })
      .execute();
    return affected === 1;
  }

  /** Returns the next rows, in the order of their user ids, that another master key than this one encrypts. */
  async findUnderOtherKeys(
    masterKeyId: string,
    afterUserId: string | undefined,
    limit: number,
  ): Promise<AnthropicKeyEntity[]> {
    return this.rows.find({
      where: {
        masterKeyId: Not(masterKeyId),
        ...(afterUserId !== undefined && { userId: MoreThan(afterUserId) }),
      },
      order: { userId: 'ASC' },
      take: limit,
    });
  }

  /**
   * Replaces the ciphertext of a row by the same secret under another master key, and changes nothing else.
   * @returns false when the row has changed since it was read.
   */
  async reencrypt({ userId, nonce }: AnthropicKeyEntity, sealed: Sealed): Promise<boolean> {
    const { affected } = await this.rows.update({ userId, nonce }, { ...sealed }); // a nonce is unique per encryption
    return affected === 1;
  }

  /** Returns the number of rows by master key id. */
  async countByMasterKey(): Promise<Map<string, number>> {
    const counts = await this.rows
      .createQueryBuilder('row')
      .select('row.masterKeyId', 'masterKeyId')
      .addSelect('count(*)::int', 'count')
      .groupBy('row.masterKeyId')
      .getRawMany<{ masterKeyId: string; count: number }>();
    return new Map(counts.map(({ masterKeyId, count }) => [masterKeyId, count]));
  }
}
