import { LRUCache } from 'lru-cache';
import { BucketConfig, Config } from '../config/config';
import { MissingPackError, PackRange, PackStore } from './pack-store';
import { S3Client } from './s3-client';
import { readListing } from './s3-listing';
import { Turnstile } from './turnstile';

/** How much of the beginning of a pack is read at once: most packs are smaller, and most of their pieces are read together. */
const HEAD_BYTES = 1024 * 1024;
/** How much of packs is remembered, in bytes: as they lie in the bucket, encrypted. */
const REMEMBERED_BYTES = 32 * 1024 * 1024;
/** How many packs are fetched in advance, how many requests go on at once for it, and of a removal. */
const MAX_EXPECTED = 64;
const AT_ONCE = 8;
/** The size of an answer that holds no part of a pack, and that of a list of a thousand names, in bytes. */
const SMALL = 64 * 1024;
const LIST_BYTES = 4 * 1024 * 1024;
/** The size of two bodies that do not compress, and what encryption adds, in bytes: no pack is larger. */
const MAX_PACK_BYTES = 80 * 1024 * 1024;

/** Stores packs as objects in a bucket: `prefix/folder/name`. */
export class S3PackStore implements PackStore {
  private readonly client: S3Client;
  private readonly prefix: string;
  private readonly heads = new LRUCache<string, Buffer>({
    maxSize: REMEMBERED_BYTES,
    sizeCalculation: ({ length }) => length + 1,
  });
  private readonly turns = new Turnstile(AT_ONCE);

  constructor(bucket: BucketConfig, upstream: Config['upstream']) {
    this.client = new S3Client(bucket, upstream);
    this.prefix = bucket.prefix === '' ? '' : `${bucket.prefix}/`;
  }

  async put(folder: string, name: string, bytes: Buffer): Promise<void> {
    await this.client.send({
      method: 'PUT',
      key: this.folder(folder) + name,
      body: bytes,
      maxBytes: SMALL,
    });
  }

  async expect(folder: string, names: readonly string[]): Promise<void> {
    const unknown = [...new Set(names)].filter((name) => !this.heads.has(this.folder(folder) + name));
    if (unknown.length < 2) return;
    const reading = unknown
      .slice(0, MAX_EXPECTED)
      .map((name) => this.turns.run(() => this.head(folder, name)));
    await Promise.allSettled(reading); // what fails does so again when it is read
  }

  async read(folder: string, name: string, { offset, length }: PackRange): Promise<Buffer> {
    const isInHead = offset + length <= HEAD_BYTES;
    const bytes = isInHead
      ? (await this.head(folder, name)).subarray(offset, offset + length)
      : await this.part(folder, name, { offset, length });
    if (bytes.length < length) throw new RangeError(`Pack ${name} is cut short`);
    return bytes;
  }

  async remove(folder: string, name: string): Promise<void> {
    await this.delete(this.folder(folder) + name);
  }

  async removeAll(folder: string): Promise<void> {
    const prefix = this.folder(folder);
    let next: string | undefined;
    do {
      const from: string = next === undefined ? '' : `&continuation-token=${encodeURIComponent(next)}`;
      const query = `list-type=2${from}&prefix=${encodeURIComponent(prefix)}`;
      const { body } = await this.client.sendSoon({ method: 'GET', key: '', query, maxBytes: LIST_BYTES });
      const listing = readListing(body.toString('utf8'), prefix);
      await Promise.all(listing.keys.map((key) => this.turns.run(() => this.delete(key))));
      next = listing.next;
    } while (next !== undefined);
  }

  stop(): void {
    this.client.stop();
  }

  private async delete(key: string): Promise<void> {
    this.heads.delete(key);
    await this.client.sendSoon({ method: 'DELETE', key, maxBytes: SMALL });
  }

  private async head(folder: string, name: string): Promise<Buffer> {
    const key = this.folder(folder) + name;
    const known = this.heads.get(key);
    if (known !== undefined) return known;
    const head = await this.part(folder, name, { offset: 0, length: HEAD_BYTES });
    this.heads.set(key, head);
    return head;
  }

  /** Returns a part of a pack, or as much of it as there is. */
  private async part(folder: string, name: string, { offset, length }: PackRange): Promise<Buffer> {
    const { status, body } = await this.client.sendSoon({
      method: 'GET',
      key: this.folder(folder) + name,
      range: `bytes=${offset}-${offset + length - 1}`,
      maxBytes: MAX_PACK_BYTES,
    });
    if (status === 404) throw new MissingPackError(`Pack ${name} is not there`);
    if (status === 416) return Buffer.alloc(0); // it ends before
    if (status === 206) return body;
    return Buffer.from(body.subarray(offset, offset + length)); // a server may ignore a range
  }

  private folder(folder: string): string {
    return `${this.prefix}${folder}/`;
  }
}
