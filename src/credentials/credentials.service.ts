import { Injectable } from '@nestjs/common';
import { AuthCache } from '../cache/auth-cache';
import { AuthCaches } from '../cache/auth-caches';
import { AnthropicKeyEntity, KeyUse } from './anthropic-key.entity';
import { ANTHROPIC } from '../providers/anthropic';
import { AnthropicKeyRepository } from './anthropic-key.repository';
import { EncryptionService, Sealed } from './encryption.service';
import { fingerprintOf } from './key-fingerprint';
import { LastUseService } from './last-use.service';

/** Everything that may be told about a stored key. */
export interface KeyStatus {
  /** When it was stored, or replaced. */
  readonly configuredAt: Date;
  /** Null of a key that was stored before there were fingerprints. */
  readonly fingerprint: string | null;
  readonly lastUse: KeyUse | null;
}

/** What became of a key that was to be stored. */
export interface StoredKey {
  /** `replaced` when there was another one before it. */
  readonly done: 'stored' | 'replaced';
  readonly fingerprint: string;
}

/** Whose key. The plaintext passes through these methods and stays in none of them. */
@Injectable()
export class CredentialsService {
  /** By the person's id. The rows hold ciphertext alone, which is opened again for each request. */
  private readonly remembered: AuthCache<AnthropicKeyEntity>;

  constructor(
    private readonly rows: AnthropicKeyRepository,
    private readonly encryption: EncryptionService,
    private readonly lastUse: LastUseService,
    private readonly caches: AuthCaches,
  ) {
    this.remembered = caches.make('keys');
  }

  /** @returns undefined when the person has stored none. */
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

  /** @returns whether there was one. */
  async remove(userId: string): Promise<boolean> {
    const removed = await this.rows.remove(userId);
    this.caches.invalidate(userId);
    return removed;
  }

  /**
   * For one request, and not to be kept. The row comes from memory when it was asked for a moment ago; a key that was
   * replaced or removed counts all the same from the next request on, on another replica within a second.
   * @param providerId whose key it is. Until the table says so of each row, all that is stored is for Anthropic.
   * @returns undefined when the person has stored none.
   * @throws DecryptionError when the row does not open.
   */
  async reveal(userId: string, providerId: string): Promise<string | undefined> {
    if (providerId !== ANTHROPIC.id) return undefined;
    const sealed = await this.remembered.get(userId, async () => (await this.rows.find(userId)) ?? undefined);
    if (sealed === undefined) return undefined;
    const plaintext = this.encryption.decrypt(sealed, 'anthropic-key', userId);
    const key = plaintext.toString();
    plaintext.fill(0);
    return key; // a header's value has to be a string
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
