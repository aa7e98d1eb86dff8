import { createCipheriv, createDecipheriv, createHmac, hkdfSync, KeyObject, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { IdOf } from './folded-body';
import { ID_BYTES } from './piece-list';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
/** What the compressed form of a piece begins with. */
const PLAIN = 0;
const BROTLI = 1;
/** The maximum size of a piece, in bytes, against damaged data that decompress without end. */
const MAX_PIECE_BYTES = 32 * 1024 * 1024;

const compress = promisify(zlib.brotliCompress);
const decompress = promisify(zlib.brotliDecompress);

/** A stored piece that does not open, or is not the one that it is stored as. */
export class DamagedPieceError extends Error {
  override readonly name = 'DamagedPieceError';
}

/**
 * Compresses and encrypts the pieces of one session, with keys that are derived from its data key: whoever deletes that key has
 * deleted them all. Ids are keyed as well, so that nobody can find out by comparing whether a known text is stored.
 */
export class PieceCipher {
  private readonly idKey: Buffer;
  private readonly contentKey: Buffer;

  /** @param sessionId is bound into each piece: none opens as a piece of another session. */
  constructor(
    dataKey: KeyObject,
    private readonly sessionId: string,
  ) {
    const derive = (use: string) =>
      Buffer.from(hkdfSync('sha256', dataKey, sessionId, `tracevault trace ${use}`, KEY_BYTES));
    this.idKey = derive('ids');
    this.contentKey = derive('content');
  }

  readonly idOf: IdOf = (kind, bytes) =>
    createHmac('sha256', this.idKey).update(`${kind}\n`).update(bytes).digest().subarray(0, ID_BYTES);

  /** @param id the hexadecimal id that idOf() has given. */
  async seal(id: string, bytes: Buffer): Promise<Buffer> {
    const compressed = await compressedForm(bytes);
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.contentKey, nonce);
    cipher.setAAD(this.additionalData(id));
    return Buffer.concat([nonce, cipher.update(compressed), cipher.final(), cipher.getAuthTag()]);
  }

  /** @throws DamagedPieceError */
  async open(id: string, sealed: Buffer): Promise<Buffer> {
    try {
      const decipher = createDecipheriv(ALGORITHM, this.contentKey, sealed.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(this.additionalData(id));
      decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
      const opened = Buffer.concat([
        decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)),
        decipher.final(),
      ]);
      return await plainForm(opened);
    } catch (cause) {
      throw new DamagedPieceError(`Piece ${id} of session ${this.sessionId} does not open`, { cause });
    }
  }

  /**
   * Encrypts the list that a body is put together from: it holds short parts of the body as they are.
   * @param body names the body.
   */
  sealRoot(body: string, root: Buffer): Promise<Buffer> {
    return this.seal(`root ${body}`, root);
  }

  /** @throws DamagedPieceError */
  openRoot(body: string, sealed: Buffer): Promise<Buffer> {
    return this.open(`root ${body}`, sealed);
  }

  private additionalData(id: string): Buffer {
    return Buffer.from(`tracevault trace piece\n${this.sessionId}\n${id}`);
  }
}

/** Returns the bytes compressed, or as they are where that is not larger: images, and bodies that were compressed already. */
async function compressedForm(bytes: Buffer): Promise<Buffer> {
  const compressed = await compress(bytes, {
    params: {
      [zlib.constants.BROTLI_PARAM_QUALITY]: 4,
      [zlib.constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
  return compressed.length < bytes.length
    ? Buffer.concat([Buffer.of(BROTLI), compressed])
    : Buffer.concat([Buffer.of(PLAIN), bytes]);
}

async function plainForm(form: Buffer): Promise<Buffer> {
  const bytes = form.subarray(1);
  if (form[0] === PLAIN) return bytes;
  if (form[0] !== BROTLI) throw new RangeError('Not a form of pieces');
  return decompress(bytes, { maxOutputLength: MAX_PIECE_BYTES });
}
