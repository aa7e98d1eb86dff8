import { Injectable } from '@nestjs/common';
import { AnthropicKeyRepository } from './anthropic-key.repository';
import { EncryptionService, Owner } from './encryption.service';

/** Whose key. The plaintext passes through these methods and stays in none of them. */
@Injectable()
export class CredentialsService {
  constructor(
    private readonly rows: AnthropicKeyRepository,
    private readonly encryption: EncryptionService,
  ) {}

  /** When the stored key was stored, or undefined when there is none. */
  async configuredAt(userId: string): Promise<Date | undefined> {
    return (await this.rows.find(userId))?.updatedAt;
  }

  async store(userId: string, anthropicKey: string): Promise<void> {
    await this.rows.upsert(userId, this.encryption.encrypt(anthropicKey, owner(userId)));
  }

  async remove(userId: string): Promise<void> {
    await this.rows.remove(userId);
  }

  /**
   * For one request, and not to be kept.
   * @returns undefined when the person has stored none.
   * @throws DecryptionError when the row does not open.
   */
  async reveal(userId: string): Promise<string | undefined> {
    const row = await this.rows.find(userId);
    if (row === null) return undefined;
    const sealed = { ciphertext: row.keyEncrypted, nonce: row.keyNonce, keyId: row.keyId };
    return this.encryption.decrypt(sealed, owner(userId));
  }
}

function owner(userId: string): Owner {
  return { userId, purpose: 'anthropic-key' };
}
