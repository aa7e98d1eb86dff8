import { Inject, Injectable } from '@nestjs/common';
import { createCipheriv, createDecipheriv, createSecretKey, KeyObject, randomBytes } from 'node:crypto';
import { MasterKeys } from './master-keys';

const ALGORITHM = 'aes-256-gcm';
/** 96 bits, the size that GCM is made for (NIST SP 800-38D). */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const DATA_KEY_BYTES = 32;

/** The injection token for the MasterKeys. */
export const MASTER_KEYS = Symbol('MASTER_KEYS');

/** What a secret is for. The names are bound into the ciphertexts in databases: one that was used stays what it is. */
export type Purpose = 'anthropic-key' | DataKeyPurpose;

/** What a data key encrypts. */
type DataKeyPurpose = 'trace-data-key';

export interface Sealed {
  /** With the tag at its end. */
  readonly ciphertext: Buffer;
  readonly nonce: Buffer;
  /** Which master key sealed it. */
  readonly masterKeyId: string;
}

/** A key for one set of data, and its ciphertext, which is stored beside the data. */
interface WrappedDataKey {
  readonly dataKey: KeyObject;
  readonly wrapped: Sealed;
}

/** The ciphertext doesn't open. Says which master key it asks for, and nothing of what it holds. */
export class DecryptionError extends Error {
  override readonly name = 'DecryptionError';
}

/**
 * AES-256-GCM with a fresh nonce for each write; the additional data binds purpose, owner and master key. A plaintext is
 * a buffer and not a string, so that whoever is done with it can overwrite it (`fill(0)`).
 */
@Injectable()
export class EncryptionService {
  constructor(@Inject(MASTER_KEYS) private readonly keys: MasterKeys) {}

  /**
   * Encrypts with the current master key.
   * @param owner the id of whose secret it is, of one line; upper and lower case are the same.
   */
  encrypt(plaintext: Buffer, purpose: Purpose, owner: string): Sealed {
    const { id, key } = this.keys.current;
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, key, nonce);
    cipher.setAAD(additionalData(purpose, owner, id));
    const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
    return { ciphertext, nonce, masterKeyId: id };
  }

  /**
   * Decrypts with the master key that the row names, current or previous. The plaintext is the caller's to overwrite.
   * @throws DecryptionError for an unknown master key, a ciphertext of another owner or purpose, or any changed bit.
   */
  decrypt({ ciphertext, nonce, masterKeyId }: Sealed, purpose: Purpose, owner: string): Buffer {
    const master = this.keys.byId.get(masterKeyId);
    if (master === undefined) throw new DecryptionError(`Master key ${masterKeyId} is not configured`);
    if (nonce.length !== NONCE_BYTES || ciphertext.length < TAG_BYTES) {
      throw new DecryptionError(`A ciphertext under master key ${masterKeyId} is cut short`);
    }
    const decipher = createDecipheriv(ALGORITHM, master.key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(additionalData(purpose, owner, masterKeyId));
    decipher.setAuthTag(ciphertext.subarray(-TAG_BYTES));
    const plaintext = decipher.update(ciphertext.subarray(0, -TAG_BYTES));
    try {
      decipher.final(); // verifies the tag, and returns no bytes in this mode
    } catch (cause) {
      plaintext.fill(0);
      throw new DecryptionError(`A ciphertext under master key ${masterKeyId} does not open for its row`, {
        cause,
      });
    }
    return plaintext;
  }

  /**
   * Encrypts the same secret again, with the current master key: the step of a rotation.
   * @throws DecryptionError as `decrypt` does.
   */
  rewrap(sealed: Sealed, purpose: Purpose, owner: string): Sealed {
    const plaintext = this.decrypt(sealed, purpose, owner);
    try {
      return this.encrypt(plaintext, purpose, owner);
    } finally {
      plaintext.fill(0);
    }
  }

  /** Creates a random 256-bit key, wrapped by the current master key; `rewrap` moves it to a newer one. */
  wrapDataKey(purpose: DataKeyPurpose, owner: string): WrappedDataKey {
    const bytes = randomBytes(DATA_KEY_BYTES);
    try {
      return { dataKey: createSecretKey(bytes), wrapped: this.encrypt(bytes, purpose, owner) };
    } finally {
      bytes.fill(0);
    }
  }

  /** @throws DecryptionError as `decrypt` does, and for a secret of another length. */
  unwrapDataKey(wrapped: Sealed, purpose: DataKeyPurpose, owner: string): KeyObject {
    const bytes = this.decrypt(wrapped, purpose, owner);
    try {
      if (bytes.length === DATA_KEY_BYTES) return createSecretKey(bytes);
      throw new DecryptionError(
        `A wrapped data key under master key ${wrapped.masterKeyId} has another length`,
      );
    } finally {
      bytes.fill(0);
    }
  }
}

/** Four lines. No field can hold their separator, so no two bindings share one text. */
function additionalData(purpose: Purpose, owner: string, masterKeyId: string): Buffer {
  if (owner.includes('\n')) throw new RangeError("An owner's id is one line");
  return Buffer.from(['tracevault/v1', purpose, owner.toLowerCase(), masterKeyId].join('\n'));
}
