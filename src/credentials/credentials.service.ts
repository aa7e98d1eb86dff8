import { Injectable } from '@nestjs/common';
import { KeyUse } from './anthropic-key.entity';
import { AnthropicKeyRepository } from './anthropic-key.repository';
import { EncryptionService } from './encryption.service';
import { LastUseService } from './last-use.service';
import { ownerOf, sealedIn } from './sealed-key';

/** Everything that may be told about a stored key. */
export interface KeyStatus {
  /** When it was stored, or replaced. */
  readonly configuredAt: Date;
  readonly lastUse: KeyUse | null;
}

/** Whose key. The plaintext passes through these methods and stays in none of them. */
@Injectable()
export class CredentialsService {
  constructor(
    private readonly rows: AnthropicKeyRepository,
    private readonly encryption: EncryptionService,
    private readonly lastUse: LastUseService,
  ) {}

  /** @returns undefined when the person has stored none. */
  async status(userId: string): Promise<KeyStatus | undefined> {
    const row = await this.rows.find(userId);
    return row === null ? undefined : { configuredAt: row.updatedAt, lastUse: row.lastUse };
  }

  /** For the owner's eyes, to the minute. Returns at once; nothing waits for the database. */
  noteUse(userId: string, use: KeyUse): void {
    this.lastUse.note(userId, use);
  }

  /** @returns whether there was another one before it. */
  async store(userId: string, anthropicKey: string): Promise<'stored' | 'replaced'> {
    const done = (await this.rows.find(userId)) === null ? 'stored' : 'replaced';
    await this.rows.upsert(userId, this.encryption.encrypt(anthropicKey, ownerOf(userId)));
    this.lastUse.beginAnew(userId);
    return done;
  }

  /** @returns whether there was one. */
  async remove(userId: string): Promise<boolean> {
    return this.rows.remove(userId);
  }

  /**
   * For one request, and not to be kept.
   * @returns undefined when the person has stored none.
   * @throws DecryptionError when the row does not open.
   */
  async reveal(userId: string): Promise<string | undefined> {
    const row = await this.rows.find(userId);
    if (row === null) return undefined;
    return this.encryption.decrypt(sealedIn(row), ownerOf(userId));
  }
}
