import { Inject, Injectable } from '@nestjs/common';
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { MasterKeys } from './master-keys';

const ALGORITHM = 'aes-256-gcm';
/** 96 bits, the size that GCM is made for (NIST SP 800-38D). */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** The injection token for the MasterKeys. */
export const MASTER_KEYS = Symbol('MASTER_KEYS');

/** Whose secret it is and what for: bound into the ciphertext, which opens for no other. */
export interface Owner {
  readonly userId: string;
  readonly purpose: 'anthropic-key';
}

export interface Sealed {
  /** With the tag at its end. */
  readonly ciphertext: Buffer;
  readonly nonce: Buffer;
  /** Which master key sealed it. */
  readonly keyId: string;
}

/** The ciphertext doesn't open. Says which master key it asks for, and nothing of what it holds. */
export class DecryptionError extends Error {
  override readonly name = 'DecryptionError';
}

/** AES-256-GCM with a fresh nonce for each write; the additional data binds owner, purpose and master key. */
@Injectable()
export class EncryptionService {
  constructor(@Inject(MASTER_KEYS) private readonly keys: MasterKeys) {}

  /** With the current master key. */
  encrypt(plaintext: string, owner: Owner): Sealed {
    const { id, key } = this.keys.current;
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, key, nonce);
    cipher.setAAD(additionalData(owner, id));
    const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
    return { ciphertext, nonce, keyId: id };
  }

  /**
   * With the master key that the row names, current or previous.
   * @throws DecryptionError for an unknown master key, another owner's ciphertext, or any changed bit.
   */
  decrypt({ ciphertext, nonce, keyId }: Sealed, owner: Owner): string {
    const master = this.keys.byId.get(keyId);
    if (master === undefined) throw new DecryptionError(`Master key ${keyId} is not configured`);
    if (nonce.length !== NONCE_BYTES || ciphertext.length < TAG_BYTES) {
      throw new DecryptionError(`A ciphertext under master key ${keyId} is cut short`);
    }
    try {
      const decipher = createDecipheriv(ALGORITHM, master.key, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(additionalData(owner, keyId));
      decipher.setAuthTag(ciphertext.subarray(-TAG_BYTES));
      const plaintext = Buffer.concat([
        decipher.update(ciphertext.subarray(0, -TAG_BYTES)),
        decipher.final(),
      ]);
      return plaintext.toString();
    } catch (cause) {
      throw new DecryptionError(`A ciphertext under master key ${keyId} does not open for its row`, {
        cause,
      });
    }
  }
}

/** No field can hold the separator, so no two owners share one text. */
function additionalData({ userId, purpose }: Owner, keyId: string): Buffer {
  return Buffer.from(['tracevault/v1', purpose, userId.toLowerCase(), keyId].join('\n'));
}
