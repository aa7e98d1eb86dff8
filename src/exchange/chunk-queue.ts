/** The number of waiting bytes from which on the owners get theirs behind what else the event loop has to do in its present turn. */
const ENOUGH_BYTES = 256 * 1024;
/** The room for bytes that wait; there is some more for those of that turn. */
const MAX_BYTES = 288 * 1024;
/** The maximum number of chunks that wait. */
const MAX_CHUNKS = 8192;
/** The size from which on a chunk is given to its owner at once, without a copy. */
const LARGE_CHUNK = 2 * 1024;
/** The maximum number of bytes that an owner gets in one go. */
const MAX_JOINED = 32 * 1024;
/** The index of no chunk. */
export const NO_CHUNK = -1;

/** Whoever gets the bytes of chunks. The two indexes are the queue's: they are `NO_CHUNK` at first. */
export interface ChunkOwner {
  firstChunk: number;
  lastChunk: number;
  /**
   * Takes some of its bytes. It must not call the queue.
   * @param bytes those of one chunk or of several, valid during the call alone.
   */
  takeBytes(bytes: Buffer): void;
}

/**
 * Copies of the small chunks of all streams, which their owners get together, each those of its own, when there are enough.
 * What an owner does with an event touches memory that a hundred other streams have driven out of the processor's caches; the queue
 * is written to from one end to the other, whoever's the chunk is.
 */
export class ChunkQueue {
  private count = 0;
  private end = 0;
  private readonly memory = Buffer.allocUnsafeSlow(MAX_BYTES + MAX_JOINED);
  /** Where an owner's bytes are joined. */
  private readonly joined = this.memory.subarray(MAX_BYTES);
  /** Where each chunk ends, and the next one begins. */
  private readonly ends = new Int32Array(MAX_CHUNKS);
  /** The index of the owner's next chunk. */
  private readonly next = new Int32Array(MAX_CHUNKS);
  /** The owners that have chunks here. */
  private owners: ChunkOwner[] = [];
  private isTurnAsked = false;

  /** Takes a chunk for its owner, who gets it behind all that were taken before. */
  add(owner: ChunkOwner, chunk: Buffer): void {
    if (chunk.length >= LARGE_CHUNK) {
      this.giveOut(owner);
      owner.takeBytes(chunk);
      return;
    }
    if (this.end + chunk.length > MAX_BYTES || this.count === MAX_CHUNKS) this.giveAllOut();
    const { count } = this;
    this.memory.set(chunk, this.end); // without the checks of Buffer.copy: it is called for each event of a stream
    this.end += chunk.length;
    this.ends[count] = this.end;
    this.next[count] = NO_CHUNK;
    if (owner.lastChunk === NO_CHUNK) this.addOwner(owner, count);
    else this.next[owner.lastChunk] = count;
    owner.lastChunk = count;
    this.count = count + 1;
    if (this.end >= ENOUGH_BYTES && !this.isTurnAsked) this.askForTurn();
  }

  /** Gives an owner what waits for it. */
  giveOut(owner: ChunkOwner): void {
    if (owner.lastChunk === NO_CHUNK) return;
    this.owners.splice(this.owners.indexOf(owner), 1);
    this.giveJoined(owner);
    if (this.owners.length === 0) this.count = this.end = 0;
  }

  private addOwner(owner: ChunkOwner, firstChunk: number): void {
    owner.firstChunk = firstChunk;
    this.owners.push(owner);
  }

  /** Has all given out when the streams that are ready have got their events, unless there is no room until then. */
  private askForTurn(): void {
    this.isTurnAsked = true;
    setImmediate(() => {
      this.isTurnAsked = false;
      if (this.end >= ENOUGH_BYTES) this.giveAllOut();
    });
  }

  private giveAllOut(): void {
    const { owners } = this;
    this.owners = [];
    for (const owner of owners) this.giveJoined(owner);
    this.count = this.end = 0;
  }

  private giveJoined(owner: ChunkOwner): void {
    let length = 0;
    let index = owner.firstChunk;
    owner.firstChunk = owner.lastChunk = NO_CHUNK;
    while (index !== NO_CHUNK) {
      const start = this.ends[index - 1] ?? 0;
      const last = this.lastBeside(index, start);
      const end = this.ends[last] ?? 0;
      if (length + end - start > MAX_JOINED) {
        owner.takeBytes(this.joined.subarray(0, length));
        length = 0;
      }
      this.memory.copyWithin(MAX_BYTES + length, start, end);
      length += end - start;
      index = this.next[last] ?? NO_CHUNK;
    }
    owner.takeBytes(this.joined.subarray(0, length));
  }

  /** Returns the index of the last chunk that follows one in memory as well, those of a stream at full speed, and is joined with it. */
  private lastBeside(index: number, start: number): number {
    let last = index;
    while (this.next[last] === last + 1 && (this.ends[last + 1] ?? 0) - start <= MAX_JOINED) last += 1;
    return last;
  }
}
