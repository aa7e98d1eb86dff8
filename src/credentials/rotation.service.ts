import { Inject, Injectable } from '@nestjs/common';
import { AnthropicKeyEntity } from './anthropic-key.entity';
import { AnthropicKeyRepository } from './anthropic-key.repository';
import { DecryptionError, EncryptionService, MASTER_KEYS } from './encryption.service';
import { MasterKeys } from './master-keys';

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
 * Encrypts stored keys again with the current master key, row by row, while servers run. Each row changes in one statement
 * and only if it has not changed since it was read. Every row is therefore readable at any time, and an interrupted
 * rotation can simply be run again.
 */
@Injectable()
export class RotationService {
  constructor(
    private readonly rows: AnthropicKeyRepository,
    private readonly encryption: EncryptionService,
    @Inject(MASTER_KEYS) private readonly keys: MasterKeys,
  ) {}

  /** Returns the usage of each master key. The current one is included even without a row. */
  async masterKeyUsage(): Promise<MasterKeyUsage[]> {
    const counts = await this.rows.countByMasterKey();
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
    let batch: AnthropicKeyEntity[];
    let last: string | undefined;
    do {
      batch = await this.rows.findUnderOtherKeys(this.keys.current.id, last, batchSize);
      for (const row of batch) {
        const outcome = await this.rotateRow(row, dryRun);
        if (outcome === 'unreadable')
          unreadable.set(row.masterKeyId, (unreadable.get(row.masterKeyId) ?? 0) + 1);
        else counts[outcome] += 1;
      }
      last = batch.at(-1)?.userId;
      looked += batch.length;
      onProgress(looked);
    } while (batch.length === batchSize);
    return { ...counts, unreadable };
  }

  private async rotateRow(
    row: AnthropicKeyEntity,
    dryRun: boolean,
  ): Promise<'rotated' | 'overtaken' | 'unreadable'> {
    let resealed;
    try {
      resealed = this.encryption.rewrap(row, 'anthropic-key', row.userId);
    } catch (error) {
      if (error instanceof DecryptionError) return 'unreadable';
      throw error;
    }
    if (dryRun) return 'rotated';
    return (await this.rows.reencrypt(row, resealed)) ? 'rotated' : 'overtaken';
  }
}
