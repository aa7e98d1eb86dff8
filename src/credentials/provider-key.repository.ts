import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { LessThanOrEqual, MoreThan, Not, Repository } from 'typeorm';
import { Binding, Sealed } from './encryption.service';
import { bindingOf, CURRENT_FORMAT, currentBinding } from './key-binding';
import { KeyOwner, KeyUse, ProviderKeyEntity } from './provider-key.entity';
import { SealedRows } from './sealed-rows';

/** The part of a row that decrypting needs, and which of the owner's keys it is: rotating master keys changes the rest. */
export type EncryptedKey = Pick<
  ProviderKeyEntity,
  'id' | 'userId' | 'orgId' | 'provider' | 'ciphertext' | 'nonce' | 'masterKeyId' | 'format' | 'updatedAt'
>;

const ENCRYPTED = {
  id: true,
  userId: true,
  orgId: true,
  provider: true,
  ciphertext: true,
  nonce: true,
  masterKeyId: true,
  format: true,
  updatedAt: true,
} as const;

const UNLESS_LOCKED = `"id" = (SELECT "id" FROM "provider_keys" WHERE "id" = :id FOR NO KEY UPDATE SKIP LOCKED)`;

/** The rows of encrypted keys. It never handles plaintext. */
@Injectable()
export class ProviderKeyRepository implements SealedRows<ProviderKeyEntity> {
  constructor(@InjectRepository(ProviderKeyEntity) private readonly rows: Repository<ProviderKeyEntity>) {}

  async find(owner: KeyOwner, provider: string): Promise<ProviderKeyEntity | null> {
    return this.rows.findOneBy({ ...ofOwner(owner), provider });
  }

  async listOf(owner: KeyOwner): Promise<ProviderKeyEntity[]> {
    return this.rows.findBy(ofOwner(owner));
  }

  /**
   * Returns the keys of several owners for a provider, and of each only what a call needs: the auth cache keeps it, and has no
   * use for the rest of the row.
   */
  async findEncrypted(owners: readonly KeyOwner[], provider: string): Promise<EncryptedKey[]> {
    const where = owners.map((owner) => ({ ...ofOwner(owner), provider }));
    return this.rows.find({ where, select: ENCRYPTED });
  }

  /**
   * Stores a key, in the place of the one before it.
   * @returns the id of the row.
   */
  async upsert(owner: KeyOwner, provider: string, sealed: Sealed, fingerprint: string): Promise<string> {
    const place = { userId: null, orgId: null, ...ofOwner(owner), provider };
    const { identifiers } = await this.rows.upsert(
      {
        ...place,
        ...sealed,
        format: CURRENT_FORMAT,
        fingerprint,
        updatedAt: new Date(),
        lastUse: null,
      },
      [owner.kind === 'user' ? 'userId' : 'orgId', 'provider'],
    );
    return (identifiers as [{ id: string }])[0].id;
  }

  /**
   * Deletes a key.
   * @returns whether there was one.
   */
  async remove(owner: KeyOwner, provider: string): Promise<boolean> {
    const { affected } = await this.rows.delete({ ...ofOwner(owner), provider });
    return affected === 1;
  }

  /**
   * Writes the last use of a key. It waits for no row lock: the writes queued behind it would all wait.
   * @returns false when nothing was changed: the key was removed or replaced after that use, the row has a later use
   * already, or another transaction holds the row at this moment.
   */
  async setLastUse(id: string, lastUse: KeyUse): Promise<boolean> {
    const { affected } = await this.rows
      .createQueryBuilder()
      .update()
      .set({ lastUse })
      .where({ id, updatedAt: LessThanOrEqual(new Date(lastUse.at)) })
      .andWhere(`("last_use" IS NULL OR "last_use"->>'at' <= :at)`, { at: lastUse.at })
      .andWhere(UNLESS_LOCKED, { id })
      .execute();
    return affected === 1;
  }

  /** Returns the next rows, in the order of their ids, that another master key encrypts, or that have an earlier format. */
  async findToRotate(
    masterKeyId: string,
    afterId: string | undefined,
    limit: number,
  ): Promise<ProviderKeyEntity[]> {
    const after = afterId === undefined ? {} : { id: MoreThan(afterId) };
    return this.rows.find({
      where: [
        { masterKeyId: Not(masterKeyId), ...after },
        { format: Not(CURRENT_FORMAT), ...after },
      ],
      order: { id: 'ASC' },
      take: limit,
    });
  }

  /** Replaces the ciphertext by one in the current format. */
  async reencrypt({ id, nonce }: ProviderKeyEntity, sealed: Sealed): Promise<boolean> {
    const { affected } = await this.rows.update({ id, nonce }, { ...sealed, format: CURRENT_FORMAT }); // a nonce is unique per encryption
    return affected === 1;
  }

  async countByMasterKey(): Promise<Map<string, number>> {
    const counts = await this.rows
      .createQueryBuilder('row')
      .select('row.masterKeyId', 'masterKeyId')
      .addSelect('count(*)::int', 'count')
      .groupBy('row.masterKeyId')
      .getRawMany<{ masterKeyId: string; count: number }>();
    return new Map(counts.map(({ masterKeyId, count }) => [masterKeyId, count]));
  }

  bindingsOf(row: ProviderKeyEntity): { readonly from: Binding; readonly to: Binding } {
    return { from: bindingOf(row), to: currentBinding(row) };
  }

  /** Returns the number of rows whose ciphertext has an earlier format. */
  async countEarlierFormats(): Promise<number> {
    return this.rows.countBy({ format: Not(CURRENT_FORMAT) });
  }
}

function ofOwner({ kind, id }: KeyOwner): { userId?: string; orgId?: string } {
  return kind === 'user' ? { userId: id } : { orgId: id };
}
