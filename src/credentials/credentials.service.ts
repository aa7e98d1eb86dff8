import { Injectable } from '@nestjs/common';
import { AuthCaches } from '../cache/auth-caches';
import { Provider } from '../providers/provider';
import { EncryptionService, Sealed } from './encryption.service';
import { currentBinding } from './key-binding';
import { fingerprintOf } from './key-fingerprint';
import { LastUseService } from './last-use.service';
import { KeyOwner, KeyUse, ProviderKeyEntity } from './provider-key.entity';
import { ProviderKeyRepository } from './provider-key.repository';

/** All information about a stored key that may be disclosed. */
export interface KeyStatus {
  /** When the key was stored or last replaced. */
  readonly configuredAt: Date;
  /** The fingerprint of the key; null for a key from before fingerprints. */
  readonly fingerprint: string | null;
  readonly lastUse: KeyUse | null;
}

/** The result of storing a key. */
export interface StoredKey {
  /** `replaced` when there was a key before. */
  readonly done: 'stored' | 'replaced';
  readonly fingerprint: string;
}

/** Stores the keys of users and organizations. The plaintext passes through these methods and is never retained. */
@Injectable()
export class CredentialsService {
  constructor(
    private readonly rows: ProviderKeyRepository,
    private readonly encryption: EncryptionService,
    private readonly lastUse: LastUseService,
    private readonly caches: AuthCaches,
  ) {}

  /** Returns the status of an owner's key for a provider, or undefined when there is none. */
  async status(owner: KeyOwner, providerId: string): Promise<KeyStatus | undefined> {
    const row = await this.rows.find(owner, providerId);
    return row === null ? undefined : this.statusOf(row);
  }

  /** Returns the status of each of an owner's keys, by the provider's id. */
  async list(owner: KeyOwner): Promise<ReadonlyMap<string, KeyStatus>> {
    const rows = await this.rows.listOf(owner);
    return new Map(rows.map((row) => [row.provider, this.statusOf(row)]));
  }

  async store(owner: KeyOwner, provider: Pick<Provider, 'id' | 'key'>, key: string): Promise<StoredKey> {
    const done = (await this.rows.find(owner, provider.id)) === null ? 'stored' : 'replaced';
    const fingerprint = fingerprintOf(key, provider.key.prefix);
    const id = await this.rows.upsert(owner, provider.id, this.seal(owner, provider.id, key), fingerprint);
    this.caches.invalidate(owner.id);
    this.lastUse.restart(id);
    return { done, fingerprint };
  }

  /**
   * Removes an owner's key for a provider.
   * @returns whether there was one.
   */
  async remove(owner: KeyOwner, providerId: string): Promise<boolean> {
    const removed = await this.rows.remove(owner, providerId);
    this.caches.invalidate(owner.id);
    return removed;
  }

  private statusOf(row: ProviderKeyEntity): KeyStatus {
    const { updatedAt: configuredAt, fingerprint } = row;
    return { configuredAt, fingerprint, lastUse: this.lastUse.latest(row) };
  }

  private seal({ kind, id }: KeyOwner, provider: string, key: string): Sealed {
    const plaintext = Buffer.from(key);
    const place = {
      userId: kind === 'user' ? id : null,
      orgId: kind === 'organization' ? id : null,
      provider,
    };
    const { purpose, owner } = currentBinding(place);
    try {
      return this.encryption.encrypt(plaintext, purpose, owner);
    } finally {
      plaintext.fill(0);
    }
  }
}
