import { CipherGCM, createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { FileHandle, mkdir, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { CaptureBuffer } from './capture-buffer';

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
/** The number of bytes that are encrypted and written at once, so that the event loop waits for no more. */
const SLICE = 256 * 1024;
/** The size of a file from which on another one is begun: its space is free again when all of its bodies have been taken. */
const FILE_BYTES = 16 * 1024 * 1024;

/** A file without a name: what a process that was killed leaves of it goes with the process. */
interface SpoolFile {
  readonly handle: FileHandle;
  /** How many of its bytes are used or reserved. */
  size: number;
  /** How many of its bodies have not been taken. */
  bodies: number;
}

/** A body in the spool. */
export interface SpooledBody {
  readonly userId: string;
  readonly length: number;
  readonly file: SpoolFile;
  readonly offset: number;
  readonly nonce: Buffer;
  readonly tag: Buffer;
}

/**
 * Bodies on the disk that wait to be kept, when memory is full of them. They are encrypted with a key that only this process
 * has, and in files that have no names: nothing of them can be read or is left when the process is gone.
 */
export class BodySpool {
  private readonly key = randomBytes(KEY_BYTES);
  private readonly files = new Set<SpoolFile>();
  /** The file that is written to: the last of them. */
  private last: SpoolFile | undefined;
  private opening: Promise<void> | undefined;
  /** The room that is left, of which no person gets more than half. */
  private readonly room: CaptureBuffer;

  constructor(
    private readonly directory: string,
    maxBytes: number,
  ) {
    this.room = new CaptureBuffer(maxBytes);
  }

  /** The number of bytes of the bodies that wait. */
  get bytes(): number {
    return this.room.bytes;
  }

  /**
   * Writes a body of a person's call.
   * @returns undefined if there is no room.
   * @throws Error of the file system.
   */
  async put(userId: string, bytes: Buffer): Promise<SpooledBody | undefined> {
    const { length } = bytes;
    if (!this.room.take(userId, length)) return undefined;
    const place = await this.reserve(length).catch((error: unknown) => {
      this.room.giveBack(userId, length);
      throw error;
    });
    const nonce = randomBytes(NONCE_BYTES);
    const body = { userId, length, ...place, nonce };
    try {
      const cipher = createCipheriv(ALGORITHM, this.key, nonce);
      await writeSlices(body, bytes, cipher);
      cipher.final();
      return { ...body, tag: cipher.getAuthTag() };
    } catch (error) {
      await this.free(body);
      throw error;
    }
  }

  /**
   * Reads a body, and frees its space.
   * @throws Error of the file system, or if its bytes are not those that were written.
   */
  async take(body: SpooledBody): Promise<Buffer> {
    const { file, length, offset, nonce, tag } = body;
    try {
      const bytes = Buffer.allocUnsafeSlow(length);
      const decipher = createDecipheriv(ALGORITHM, this.key, nonce).setAuthTag(tag);
      for (let at = 0; at < length; at += SLICE) {
        const slice = bytes.subarray(at, at + SLICE);
        const { bytesRead } = await file.handle.read(slice, 0, slice.length, offset + at);
        if (bytesRead !== slice.length)
          throw new Error('A file of the spool is shorter than what was written');
        decipher.update(slice).copy(slice);
      }
      decipher.final();
      return bytes;
    } finally {
      await this.free(body);
    }
  }

  /** Frees the space of a body that is not needed. A file without bodies is closed; the last one is begun again. */
  async free({ userId, length, file }: Omit<SpooledBody, 'tag'>): Promise<void> {
    this.room.giveBack(userId, length);
    file.bodies -= 1;
    if (file.bodies > 0) return;
    if (file === this.last) file.size = 0;
    else if (this.files.delete(file)) await file.handle.close();
  }

  /** Closes all files: what is in them is gone. */
  async close(): Promise<void> {
    const files = [...this.files];
    this.files.clear();
    this.last = undefined;
    await Promise.all(files.map(({ handle }) => handle.close()));
  }

  /** Finds the place for a body. Nothing waits between finding and taking it. */
  private async reserve(length: number): Promise<Pick<SpooledBody, 'file' | 'offset'>> {
    for (;;) {
      const file = this.last;
      if (file !== undefined && (file.size === 0 || file.size + length <= FILE_BYTES)) {
        const offset = file.size;
        file.size += length;
        file.bodies += 1;
        return { file, offset };
      }
      await (this.opening ??= this.openAnother().finally(() => (this.opening = undefined)));
    }
  }

  private async openAnother(): Promise<void> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    const path = join(this.directory, `bodies-${process.pid}-${randomBytes(6).toString('hex')}`);
    const handle = await open(path, 'wx+', 0o600);
    this.last = { handle, size: 0, bodies: 0 };
    this.files.add(this.last);
    await unlink(path);
  }
}

async function writeSlices(
  { file: { handle }, offset }: Pick<SpooledBody, 'file' | 'offset'>,
  bytes: Buffer,
  cipher: CipherGCM,
): Promise<void> {
  for (let at = 0; at < bytes.length; at += SLICE) {
    const encrypted = cipher.update(bytes.subarray(at, at + SLICE));
    for (let written = 0; written < encrypted.length;) {
      const rest = encrypted.length - written;
      const { bytesWritten } = await handle.write(encrypted, written, rest, offset + at + written);
      written += bytesWritten;
    }
  }
}
