import { Inject, Injectable } from '@nestjs/common';
import { createCipheriv, createDecipheriv, createSecretKey, KeyObject, randomBytes } from 'node:crypto';
import { MasterKeys } from './master-keys';

const ALGORITHM = 'aes-256-gcm';
/** The size of a nonce: 96 bits, as recommended for GCM (NIST SP 800-38D). */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const DATA_KEY_BYTES = 32;

/** The injection token for the MasterKeys. */
export const MASTER_KEYS = Symbol('MASTER_KEYS');

/** The purpose of a secret. The names are bound into stored ciphertexts, so a name that was ever used must not change. */
export type Purpose = 'anthropic-key' | 'provider-key' | 'signing-key' | DataKeyPurpose;

/** The purpose of a data key. */
type DataKeyPurpose = 'trace-data-key';

/** What the additional data binds beside the master key. */
export interface Binding {
  readonly purpose: Purpose;
  readonly owner: string;
}

export interface Sealed {
  /** The ciphertext, followed by its tag. */
  readonly ciphertext: Buffer;
  readonly nonce: Buffer;
  /** The id of the master key that encrypted it. */
  readonly masterKeyId: string;
}

/** A key for one set of data, and its ciphertext, which is stored with the data. */
interface WrappedDataKey {
  readonly dataKey: KeyObject;
  readonly wrapped: Sealed;
}

/** The error of a ciphertext that can't be decrypted. Its message names the master key, and reveals nothing of the content. */
export class DecryptionError extends Error {
  override readonly name = 'DecryptionError';
}

/**
 * AES-256-GCM with a new random nonce for each encryption. The additional data binds purpose, owner and master key. A
 * plaintext is a buffer and not a string, so that its holder can overwrite it after use (`fill(0)`).
 */
@Injectable()
export class EncryptionService {
  constructor(@Inject(MASTER_KEYS) private readonly keys: MasterKeys) {}

  /**
   * Encrypts with the current master key.
   * @param owner the id of the secret's owner, of one line; case is ignored.
   * @throws RangeError for an owner with a line break.
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
   * Decrypts with the master key that the row names, current or previous. The caller should overwrite the plaintext after
   * use.
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
   * Encrypts the same secret again with the current master key, as a rotation does for each row.
   * @param to the binding of the new ciphertext; without it, the same as before.
   * @throws DecryptionError as decrypt() does.
   */
  rewrap(sealed: Sealed, from: Binding, to: Binding = from): Sealed {
    const plaintext = this.decrypt(sealed, from.purpose, from.owner);
    try {
      return this.encrypt(plaintext, to.purpose, to.owner);
    } finally {
      plaintext.fill(0);
    }
  }

  /** Creates a random 256-bit data key, encrypted with the current master key. Use rewrap() to move it to a newer one. */
  wrapDataKey(purpose: DataKeyPurpose, owner: string): WrappedDataKey {
    const bytes = randomBytes(DATA_KEY_BYTES);
    try {
      return { dataKey: createSecretKey(bytes), wrapped: this.encrypt(bytes, purpose, owner) };
    } finally {
      bytes.fill(0);
    }
  }

  /**
   * Decrypts a data key.
   * @throws DecryptionError as decrypt() does, and for a secret of another length.
   */
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

/**
 * Returns the additional data: four lines. No field can contain a line break, so no two bindings have the same text.
 * @throws RangeError for an owner with a line break.
 */
function additionalData(purpose: Purpose, owner: string, masterKeyId: string): Buffer {
  if (owner.includes('\n')) throw new RangeError("An owner's id is one line");
  return Buffer.from(['tracevault/v1', purpose, owner.toLowerCase(), masterKeyId].join('\n'));
}
