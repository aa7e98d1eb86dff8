import { MoreThan, Not, Repository } from 'typeorm';
import { Binding, Sealed } from './encryption.service';
import { SealedRow, SealedRows } from './sealed-rows';

/** A table of ciphertexts each of which is bound to the id of its row. */
export abstract class SealedTable implements SealedRows {
  /** @param bindingOfId what binds the ciphertext of the row with an id. */
  constructor(
    private readonly rows: Repository<SealedRow>,
    private readonly bindingOfId: (id: string) => Binding,
  ) {}

  findToRotate(masterKeyId: string, afterId: string | undefined, limit: number): Promise<SealedRow[]> {
    const after = afterId === undefined ? {} : { id: MoreThan(afterId) };
    return this.rows.find({
      where: { masterKeyId: Not(masterKeyId), ...after },
      order: { id: 'ASC' },
      take: limit,
    });
  }

  async reencrypt({ id, nonce }: SealedRow, sealed: Sealed): Promise<boolean> {
    const { affected } = await this.rows.update({ id, nonce }, sealed); // a nonce is unique per encryption
    return affected === 1;
  }

  async countByMasterKey(): Promise<Map<string, number>> {
    const counts = await this.rows.query<{ id: string; count: number }[]>(
      `SELECT "master_key_id" AS "id", count(*)::int AS "count" FROM "${this.rows.metadata.tableName}" GROUP BY 1`,
    );
    return new Map(counts.map(({ id, count }) => [id, count]));
  }

  bindingsOf({ id }: SealedRow): { readonly from: Binding; readonly to: Binding } {
    const binding = this.bindingOfId(id);
    return { from: binding, to: binding };
  }
}
