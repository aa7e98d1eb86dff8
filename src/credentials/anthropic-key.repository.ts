import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { LessThanOrEqual, MoreThan, Not, Repository } from 'typeorm';
import { AnthropicKeyEntity, KeyUse } from './anthropic-key.entity';
import { Sealed } from './encryption.service';

/** Rows of ciphertext, one a person. Knows nothing of plaintext. */
@Injectable()
export class AnthropicKeyRepository {
  constructor(@InjectRepository(AnthropicKeyEntity) private readonly rows: Repository<AnthropicKeyEntity>) {}

  async find(userId: string): Promise<AnthropicKeyEntity | null> {
    return this.rows.findOneBy({ userId });
  }

  async upsert(userId: string, sealed: Sealed, fingerprint: string): Promise<void> {
    const row = { userId, ...sealed, fingerprint, updatedAt: new Date(), lastUse: null };
    await this.rows.upsert(row, ['userId']);
  }

  /** @returns whether there was one. */
  async remove(userId: string): Promise<boolean> {
    const { affected } = await this.rows.delete({ userId });
    return affected === 1;
  }

  /**
   * @returns false when nothing was changed: the key has been removed or replaced since, so that the use was not of the
   * one that is stored now, or a later use stands there already.
   */
  async setLastUse(userId: string, lastUse: KeyUse): Promise<boolean> {
    const { affected } = await this.rows
      .createQueryBuilder()
      .update()
      .set({ lastUse })
      .where({ userId, updatedAt: LessThanOrEqual(new Date(lastUse.at)) })
      .andWhere(`("last_use" IS NULL OR "last_use"->>'at' <= :at)`, { at: lastUse.at })
      .execute();
    return affected === 1;
  }

  /** The next ones, in the order of their users' ids, that stand on another master key than this. */
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
   * The same secret under another master key: nothing else of the row changes.
   * @returns false when the row is no longer the one that was read.
   */
  async reencrypt({ userId, nonce }: AnthropicKeyEntity, sealed: Sealed): Promise<boolean> {
    const { affected } = await this.rows.update({ userId, nonce }, { ...sealed }); // a nonce is never used twice
    return affected === 1;
  }

  /** How many rows stand on which master key. */
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
