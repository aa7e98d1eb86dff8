import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  KeyObject,
  randomUUID,
  sign,
} from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { Logger } from 'pino';
import { DataSource, EntityManager } from 'typeorm';
import { LOGGER } from '../logging/logging.module';
import { DecryptionError, EncryptionService } from './encryption.service';
import { signingKeyBinding } from './signing-key.repository';
import { SigningKeyEntity } from './signing-key.entity';

/** A key that signs. The private key does not leave it. */
export interface Signer {
  readonly id: string;
  /** Returns the Ed25519 signature of some bytes. */
  sign(bytes: Buffer): Buffer;
}

/** A public key of the installation. */
export interface SigningKey {
  readonly id: string;
  readonly publicKey: KeyObject;
  readonly createdAt: Date;
}

/** The keys with which the installation signs. The private keys are stored encrypted. */
@Injectable()
export class SigningKeysService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly encryption: EncryptionService,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Returns the newest key that can be decrypted, and creates one if there is none. The caller's transaction must hold a lock that
   * no two servers hold at a time.
   */
  async signer(transaction: EntityManager): Promise<Signer> {
    const rows = await transaction.find(SigningKeyEntity, { order: { createdAt: 'DESC', id: 'ASC' } });
    for (const row of rows) {
      const privateKey = this.privateKeyOf(row);
      if (privateKey !== undefined) return signerOf(row.id, privateKey);
    }
    if (rows.length > 0)
      this.logger.warn(
        'No signing key can be decrypted: a new one is created. Add the master key of the earlier one to TRACEVAULT_ENCRYPTION_KEY_PREVIOUS if it is not lost',
      );
    return this.create(transaction);
  }

  /** Returns all public keys, the oldest first. */
  async list(): Promise<SigningKey[]> {
    return (await this.rowsOf()).map(keyOf);
  }

  /** Returns the keys whose private key this installation has: a public key alone can be anybody's. */
  async listOwn(): Promise<SigningKey[]> {
    const rows = await this.rowsOf();
    return rows
      .filter((row) => {
        const privateKey = this.privateKeyOf(row);
        return privateKey !== undefined && createPublicKey(privateKey).equals(publicKeyOf(row.publicKey));
      })
      .map(keyOf);
  }

  private rowsOf(): Promise<SigningKeyEntity[]> {
    return this.dataSource.manager.find(SigningKeyEntity, { order: { createdAt: 'ASC', id: 'ASC' } });
  }

  private async create(transaction: EntityManager): Promise<Signer> {
    const id = randomUUID();
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const bytes = privateKey.export({ type: 'pkcs8', format: 'der' });
    try {
      const { purpose, owner } = signingKeyBinding(id);
      await transaction.insert(SigningKeyEntity, {
        id,
        publicKey: publicKey.export({ type: 'spki', format: 'der' }),
        ...this.encryption.encrypt(bytes, purpose, owner),
      });
    } finally {
      bytes.fill(0);
    }
    return signerOf(id, privateKey);
  }

  /** Returns the private key of a row; undefined if it can't be decrypted. */
  private privateKeyOf(row: SigningKeyEntity): KeyObject | undefined {
    const { purpose, owner } = signingKeyBinding(row.id);
    try {
      const bytes = this.encryption.decrypt(row, purpose, owner);
      try {
        return createPrivateKey({ key: bytes, type: 'pkcs8', format: 'der' });
      } finally {
        bytes.fill(0);
      }
    } catch (error) {
      if (error instanceof DecryptionError) return undefined;
      throw error;
    }
  }
}

function signerOf(id: string, privateKey: KeyObject): Signer {
  return { id, sign: (bytes) => sign(null, bytes, privateKey) };
}

function keyOf({ id, publicKey, createdAt }: SigningKeyEntity): SigningKey {
  return { id, publicKey: publicKeyOf(publicKey), createdAt };
}

function publicKeyOf(bytes: Buffer): KeyObject {
  return createPublicKey({ key: bytes, type: 'spki', format: 'der' });
}
