import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { LessThanOrEqual, Repository } from 'typeorm';
import { AnthropicKeyEntity, KeyUse } from './anthropic-key.entity';
import { Sealed } from './encryption.service';

/** Rows of ciphertext, one a person. Knows nothing of plaintext. */
@Injectable()
export class AnthropicKeyRepository {
  constructor(@InjectRepository(AnthropicKeyEntity) private readonly rows: Repository<AnthropicKeyEntity>) {}

  async find(userId: string): Promise<AnthropicKeyEntity | null> {
    return this.rows.findOneBy({ userId });
  }

  async upsert(userId: string, { ciphertext, nonce, keyId }: Sealed): Promise<void> {
    const row = {
      userId,
      keyEncrypted: ciphertext,
      keyNonce: nonce,
      keyId,
      updatedAt: new Date(),
      lastUse: null,
    };
    await this.rows.upsert(row, ['userId']);
  }

  async remove(userId: string): Promise<void> {
    await this.rows.delete({ userId });
  }

  /** Nothing happens when the key has been replaced or removed since: the use was not of the one that is stored now. */
  async setLastUse(userId: string, lastUse: KeyUse): Promise<void> {
    await this.rows.update({ userId, updatedAt: LessThanOrEqual(new Date(lastUse.at)) }, { lastUse });
  }

  /** How many rows stand on which master key. */
  async countByMasterKey(): Promise<Map<string, number>> {
    const counts = await this.rows
      .createQueryBuilder('row')
      .select('row.keyId', 'keyId')
      .addSelect('count(*)::int', 'count')
      .groupBy('row.keyId')
      .getRawMany<{ keyId: string; count: number }>();
    return new Map(counts.map(({ keyId, count }) => [keyId, count]));
  }
}
