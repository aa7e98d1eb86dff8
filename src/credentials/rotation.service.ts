import { Inject, Injectable } from '@nestjs/common';
import { DataKeyRepository } from './data-key.repository';
import { DecryptionError, EncryptionService, MASTER_KEYS } from './encryption.service';
import { MasterKeys } from './master-keys';
import { ProviderKeyRepository } from './provider-key.repository';
import { countByMasterKey, SealedRow, SealedRows } from './sealed-rows';
import { SigningKeyRepository } from './signing-key.repository';

/** The number of rows that a master key encrypts, and whether the key is configured. */
export interface MasterKeyUsage {
  readonly masterKeyId: string;
  readonly rows: number;
  readonly role: 'current' | 'previous' | 'missing';
}

export interface Rotated {
  /** The number of rows encrypted again with the current master key. In a dry run, the number of rows that would be. */
  readonly rotated: number;
  /** The number of rows that their users replaced or removed during the rotation, which takes precedence. */
  readonly overtaken: number;
  /** The number of rows left unchanged, because their master key is not configured or they are damaged, by master key id. */
  readonly unreadable: ReadonlyMap<string, number>;
}

interface RotateOptions {
  /** The number of rows that are read at once, 1 or more. */
  readonly batchSize: number;
  readonly dryRun: boolean;
  /** Called after each batch with the number of rows processed so far. */
  readonly onProgress: (looked: number) => void;
}

/**
 * Encrypts stored keys, data keys and signing keys again with the current master key and in the current format, row by row, while servers run. Each row changes in one statement
 * and only if it has not changed since it was read. Every row is therefore readable at any time, and an interrupted
 * rotation can simply be run again.
 */
@Injectable()
export class RotationService {
  private readonly tables: readonly SealedRows[];

  constructor(
    providerKeys: ProviderKeyRepository,
    dataKeys: DataKeyRepository,
    signingKeys: SigningKeyRepository,
    private readonly encryption: EncryptionService,
    @Inject(MASTER_KEYS) private readonly keys: MasterKeys,
  ) {
    this.tables = [providerKeys, dataKeys, signingKeys];
  }

  /** Returns the usage of each master key. The current one is included even without a row. */
  async masterKeyUsage(): Promise<MasterKeyUsage[]> {
    const counts = await countByMasterKey(this.tables);
    const { current, byId } = this.keys;
    const others = [...counts].filter(([masterKeyId]) => masterKeyId !== current.id);
    return [
      { masterKeyId: current.id, rows: counts.get(current.id) ?? 0, role: 'current' },
      ...others.map(([masterKeyId, rows]): MasterKeyUsage => {
        return { masterKeyId, rows, role: byId.has(masterKeyId) ? 'previous' : 'missing' };
      }),
    ];
  }

  async rotate({ batchSize, dryRun, onProgress }: RotateOptions): Promise<Rotated> {
    const counts = { rotated: 0, overtaken: 0 };
    const unreadable = new Map<string, number>();
    let looked = 0;
    for (const table of this.tables)
      for await (const batch of this.batchesOf(table, batchSize)) {
        for (const row of batch) {
          const outcome = await this.rotateRow(table, row, dryRun);
          if (outcome === 'unreadable')
            unreadable.set(row.masterKeyId, (unreadable.get(row.masterKeyId) ?? 0) + 1);
          else counts[outcome] += 1;
        }
        looked += batch.length;
        onProgress(looked);
      }
    return { ...counts, unreadable };
  }

  /** Yields the rows that have to be rotated, batch by batch. */
  private async *batchesOf(table: SealedRows, batchSize: number): AsyncGenerator<SealedRow[]> {
    let batch: SealedRow[];
    let last: string | undefined;
    do {
      batch = await table.findToRotate(this.keys.current.id, last, batchSize);
      if (batch.length > 0) yield batch;
      last = batch.at(-1)?.id;
    } while (batch.length === batchSize);
  }

  private async rotateRow(
    table: SealedRows,
    row: SealedRow,
    dryRun: boolean,
  ): Promise<'rotated' | 'overtaken' | 'unreadable'> {
    let resealed;
    try {
      const { from, to } = table.bindingsOf(row);
      resealed = this.encryption.rewrap(row, from, to);
    } catch (error) {
      if (error instanceof DecryptionError) return 'unreadable';
      throw error;
    }
    if (dryRun) return 'rotated';
    return (await table.reencrypt(row, resealed)) ? 'rotated' : 'overtaken';
  }
}
