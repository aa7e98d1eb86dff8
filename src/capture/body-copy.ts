import { createHash } from 'node:crypto';
import { BlockPool } from './block-pool';
import { CaptureBuffer } from './capture-buffer';
import { BodyState } from './trace-body.entity';

/** The maximum size of a body that is kept, in bytes. Of a larger one the digest is. */
export const MAX_BODY_BYTES = 32 * 1024 * 1024;

/** The size of the first block of a copy, in bytes; each further one is twice as large, up to the last. */
const FIRST_BLOCK = 4 * 1024;
const LAST_BLOCK = 256 * 1024;
/** The blocks of copies that have ended, for the next ones. */
const POOL = new BlockPool(32 * 1024 * 1024);

/** A body that has passed. */
export interface CopiedBody {
  readonly state: Exclude<BodyState, 'deleted'>;
  /** Empty unless it is to be kept. */
  readonly bytes: Buffer;
  /** The digest of all bytes that have passed, and their number. */
  readonly sha256: Buffer;
  readonly length: number;
}

/**
 * Copies a body as it passes, in bounded memory: into blocks, because a buffer of its own for each small chunk takes many times
 * its size. The digest is of all bytes, also where the copy is given up.
 */
export class BodyCopy {
  private blocks: Buffer[] = [];
  /** The number of bytes of the last block that are in use. */
  private filled = 0;
  /** The memory that the blocks take. */
  private taken = 0;
  private length = 0;
  private state: CopiedBody['state'] = 'kept';
  private readonly hash = createHash('sha256');

  /** @param userId whose memory it takes. Whoever ends the copy gives back as much as the bytes take. */
  constructor(
    private readonly buffer: CaptureBuffer,
    private readonly userId: string,
  ) {}

  add(chunk: Buffer): void {
    this.length += chunk.length;
    if (this.state !== 'kept') this.hash.update(chunk);
    else if (this.length > MAX_BODY_BYTES) this.giveUp('too_large', chunk);
    else {
      const copied = this.copy(chunk);
      if (copied < chunk.length) this.giveUp('dropped', chunk.subarray(copied));
    }
  }

  end(): CopiedBody {
    const { state, length } = this;
    this.hashLastBlock();
    const bytes = state === 'kept' ? Buffer.concat(this.blocks, length) : Buffer.alloc(0);
    this.buffer.giveBack(this.userId, this.taken - bytes.length);
    this.freeBlocks();
    return { state, bytes, sha256: this.hash.digest(), length };
  }

  /** @returns how many of its bytes are copied: less than all if there is no room. */
  private copy(chunk: Buffer): number {
    let at = 0;
    while (at < chunk.length) {
      const block = this.blocks.at(-1);
      if (block === undefined || this.filled === block.length) {
        if (!this.addBlock(block)) break;
        continue;
      }
      const copied = chunk.copy(block, this.filled, at);
      this.filled += copied;
      at += copied;
    }
    return at;
  }

  /** Adds what was copied last to the digest, which takes blocks: hashing each small chunk would cost more than copying it. */
  private hashLastBlock(): void {
    const last = this.blocks.at(-1);
    if (last !== undefined) this.hash.update(last.subarray(0, this.filled));
  }

  private addBlock(last: Buffer | undefined): boolean {
    const size = last === undefined ? FIRST_BLOCK : Math.min(2 * last.length, LAST_BLOCK);
    if (!this.buffer.take(this.userId, size)) return false;
    this.hashLastBlock();
    this.taken += size;
    this.blocks.push(POOL.take(size));
    this.filled = 0;
    return true;
  }

  /** @param rest what is not copied of the present chunk. */
  private giveUp(state: CopiedBody['state'], rest: Buffer): void {
    this.hashLastBlock();
    this.hash.update(rest);
    this.buffer.giveBack(this.userId, this.taken);
    this.taken = 0;
    this.freeBlocks();
    this.state = state;
  }

  private freeBlocks(): void {
    POOL.giveBack(this.blocks);
    this.blocks = [];
  }
}
