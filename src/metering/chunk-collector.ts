/** How many bytes of a stream are collected. */
const SLOT_BYTES = 4 * 1024;
/** The distance of two slots: with a power of two, equal places of them would compete for the same few lines of the processor's caches. */
const SLOT_DISTANCE = SLOT_BYTES + 64;
/** The number of streams whose bytes are in one slab. */
const SLOTS = 64;
const NOTHING = Buffer.alloc(0);

/** Memory for the bytes of several streams. */
interface Slab {
  readonly memory: Buffer;
  /** Where the slots begin that no stream uses. */
  readonly free: number[];
}

const slabs: Slab[] = [];

/**
 * Collects copies of a stream's small chunks, in a slot of memory that many streams share: with a buffer for each stream, each event
 * would find it gone from the processor's caches, and that takes longer than to copy the bytes.
 */
export class ChunkCollector {
  private end = 0;
  private limit = 0;
  private memory: Buffer = NOTHING;
  private start = 0;
  private slab: Slab | undefined;

  /** Makes room for the first bytes. */
  makeRoom(): void {
    if (this.slab === undefined) this.takeSlot();
  }

  /** @returns false, and appends nothing, if there is no room left, or none yet. */
  append(chunk: Buffer): boolean {
    const end = this.end + chunk.length;
    if (end > this.limit) return false;
    this.memory.set(chunk, this.end); // without the checks of Buffer.copy: it is called for each event of a stream
    this.end = end;
    return true;
  }

  /** Returns the bytes, which are valid until the next change. */
  bytes(): Buffer {
    return this.memory.subarray(this.start, this.end);
  }

  /** Removes all bytes. */
  empty(): void {
    this.end = this.start;
  }

  /** Removes all bytes, and frees the memory. */
  release(): void {
    const { slab } = this;
    if (slab === undefined) return;
    slab.free.push(this.start);
    if (slab.free.length === SLOTS && slabs.length > 1) slabs.splice(slabs.indexOf(slab), 1);
    this.slab = undefined;
    this.memory = NOTHING;
    this.start = this.end = this.limit = 0;
  }

  private takeSlot(): void {
    const slab = slabs.find(({ free }) => free.length > 0) ?? addSlab();
    this.slab = slab;
    this.memory = slab.memory;
    this.start = this.end = slab.free.pop() ?? 0;
    this.limit = this.start + SLOT_BYTES;
  }
}

function addSlab(): Slab {
  const slab = {
    memory: Buffer.allocUnsafeSlow(SLOTS * SLOT_DISTANCE),
    free: Array.from({ length: SLOTS }, (_, slot) => slot * SLOT_DISTANCE),
  };
  slabs.push(slab);
  return slab;
}
