import { BodyPart } from './trace-body.entity';

/** The part of the memory that the calls of one user may take. */
const SHARE = 1 / 2;

/** Both bodies of a call, as far as they are in memory. */
type BodiesInMemory = Readonly<Record<BodyPart, { readonly bytes: Buffer }>>;

/** The memory that copies of bodies take together, bounded, until they are written. */
export class CaptureBuffer {
  private used = 0;
  private readonly usedBy = new Map<string, number>();

  /** @param maxBytes what does not fit is dropped. */
  constructor(private readonly maxBytes: number) {}

  get bytes(): number {
    return this.used;
  }

  /**
   * Takes room for some bytes of a user's calls.
   * @returns false if there is not as much, or the user has their share already.
   */
  take(userId: string, bytes: number): boolean {
    const own = (this.usedBy.get(userId) ?? 0) + bytes;
    if (this.used + bytes > this.maxBytes || own > this.maxBytes * SHARE) return false;
    this.used += bytes;
    this.usedBy.set(userId, own);
    return true;
  }

  giveBack(userId: string, bytes: number): void {
    this.used -= bytes;
    const own = (this.usedBy.get(userId) ?? 0) - bytes;
    if (own > 0) this.usedBy.set(userId, own);
    else this.usedBy.delete(userId);
  }

  /** Gives back what both bodies of a user's call take. */
  giveBackBodies(userId: string, { request, response }: BodiesInMemory): void {
    this.giveBack(userId, request.bytes.length + response.bytes.length);
  }
}
