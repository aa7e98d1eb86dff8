import { Inject, Injectable } from '@nestjs/common';
import { AnthropicKeyEntity } from './anthropic-key.entity';
import { AnthropicKeyRepository } from './anthropic-key.repository';
import { DecryptionError, EncryptionService, MASTER_KEYS } from './encryption.service';
import { MasterKeys } from './master-keys';

/** How many rows one master key encrypts, and whether it is configured. */
export interface MasterKeyUsage {
  readonly masterKeyId: string;
  readonly rows: number;
  readonly role: 'current' | 'previous' | 'missing';
}

export interface Rotated {
  /** Under the current key now; with a dry run, would be. */
  readonly rotated: number;
  /** Their owners stored or removed a key in the same moment, which counts. */
  readonly overtaken: number;
  /** Under a key that is not configured, or damaged: left as they were. By the id of the key that they name. */
  readonly unreadable: ReadonlyMap<string, number>;
}

interface RotateOptions {
  /** Rows that are read together, 1 or more. */
  readonly batchSize: number;
  readonly dryRun: boolean;
  /** After each batch, with how many rows have been looked at. */
  readonly onProgress: (looked: number) => void;
}

/**
 * Moves stored keys to the current master key, row by row, while servers run. Each row changes in one statement and only
 * if nobody has changed it meanwhile, so it can be read at any moment, and a run that was cut off is simply run again.
 */
@Injectable()
export class RotationService {
  constructor(
    private readonly rows: AnthropicKeyRepository,
    private readonly encryption: EncryptionService,
    @Inject(MASTER_KEYS) private readonly keys: MasterKeys,
  ) {}

  /** Which master keys rows stand on; the current one is listed also without a row. */
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
