import { Injectable } from '@nestjs/common';
import { AuthCache } from '../cache/auth-cache';
import { AuthCaches } from '../cache/auth-caches';
import { KeyUse } from './anthropic-key.entity';
import { ANTHROPIC } from '../providers/anthropic';
import { AnthropicKeyRepository, EncryptedKey } from './anthropic-key.repository';
import { EncryptionService, Sealed } from './encryption.service';
import { fingerprintOf } from './key-fingerprint';
import { LastUseService } from './last-use.service';

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

/** Stores the users' keys. The plaintext passes through these methods and is never retained. */
@Injectable()
export class CredentialsService {
  /** A cache of rows by user id. It holds only ciphertext, which is decrypted again for each request. */
  private readonly cache: AuthCache<EncryptedKey>;

  constructor(
    private readonly rows: AnthropicKeyRepository,
    private readonly encryption: EncryptionService,
    private readonly lastUse: LastUseService,
    private readonly caches: AuthCaches,
  ) {
    this.cache = caches.create('keys');
  }

  /** Returns the status of a user's key, or undefined when the user has no stored key. */
  async status(userId: string): Promise<KeyStatus | undefined> {
    const row = await this.rows.find(userId);
    if (row === null) return undefined;
    const { updatedAt: configuredAt, fingerprint } = row;
    return { configuredAt, fingerprint, lastUse: this.lastUse.latest(row) };
  }

  async store(userId: string, anthropicKey: string): Promise<StoredKey> {
    const done = (await this.rows.find(userId)) === null ? 'stored' : 'replaced';
    const fingerprint = fingerprintOf(anthropicKey, ANTHROPIC.key.prefix);
    await this.rows.upsert(userId, this.seal(userId, anthropicKey), fingerprint);
    this.caches.invalidate(userId);
    this.lastUse.restart(userId);
    return { done, fingerprint };
  }

  /**
   * Removes a user's key.
   * @returns whether there was one.
   */
  async remove(userId: string): Promise<boolean> {
    const removed = await this.rows.remove(userId);
    this.caches.invalidate(userId);
    return removed;
  }

  /**
   * Returns the plaintext of a user's key for one request; the caller must not retain it. The row may come from the cache,
   * but a replaced or removed key still takes effect from the next request on, and on another replica within a second.
   * @param providerId the id of the key's provider. The table has no such column yet, so all stored keys are Anthropic's.
   * @returns undefined when the user has no stored key for the provider.
   * @throws DecryptionError when the row can't be decrypted.
   */
  async reveal(userId: string, providerId: string): Promise<string | undefined> {
    if (providerId !== ANTHROPIC.id) return undefined;
    const sealed = await this.cache.get(userId, () => this.rows.findEncrypted(userId));
    if (sealed === undefined) return undefined;
    const plaintext = this.encryption.decrypt(sealed, 'anthropic-key', userId);
    const key = plaintext.toString();
    plaintext.fill(0);
    return key; // a string can't be overwritten, but the value of a header has to be one
  }

  private seal(userId: string, anthropicKey: string): Sealed {
    const plaintext = Buffer.from(anthropicKey);
    try {
      return this.encryption.encrypt(plaintext, 'anthropic-key', userId);
    } finally {
      plaintext.fill(0);
    }
  }
}
