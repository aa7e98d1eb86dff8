import { Binding, Sealed } from './encryption.service';

/** A row with a ciphertext under a master key. */
export interface SealedRow extends Sealed {
  readonly id: string;
}

/** A table of such rows, as the rotation of master keys needs it. */
export interface SealedRows<Row extends SealedRow = SealedRow> {
  /** Returns the number of rows by master key id. */
  countByMasterKey(): Promise<Map<string, number>>;
  /** Returns the next rows, in the order of their ids, that have to be encrypted again. */
  findToRotate(masterKeyId: string, afterId: string | undefined, limit: number): Promise<Row[]>;
  /**
   * Replaces the ciphertext of a row, and changes nothing else.
   * @returns false when the row has changed since it was read.
   */
  reencrypt(row: Row, sealed: Sealed): Promise<boolean>;
  /**
   * Returns what binds the ciphertext of a row now, and what is to bind a new one.
   * @throws DecryptionError for a row that can't be what it says.
   */
  bindingsOf(row: Row): { readonly from: Binding; readonly to: Binding };
}

/** Adds up the numbers of rows of several tables. */
export async function countByMasterKey(tables: readonly SealedRows[]): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const table of tables)
    for (const [masterKeyId, rows] of await table.countByMasterKey())
      counts.set(masterKeyId, (counts.get(masterKeyId) ?? 0) + rows);
  return counts;
}
