/** The injection token for the PackStore. */
export const PACK_STORE = Symbol('PACK_STORE');

/** A part of a pack, in bytes. */
export interface PackRange {
  readonly offset: number;
  readonly length: number;
}

/** A pack is not in the store. */
export class MissingPackError extends Error {
  override readonly name = 'MissingPackError';
}

/** The store can't be reached, or refuses what it is asked for: nothing is known of the pack. */
export class PackStoreError extends Error {
  override readonly name = 'PackStoreError';
}

/**
 * Stores packs: encrypted pieces of one session's content, one behind the other. A pack is written once and never changed. The
 * folder of a session has the id of its content as its name.
 */
export interface PackStore {
  /** Writes a pack. It is there as a whole or not at all. */
  put(folder: string, name: string, bytes: Buffer): Promise<void>;
  /** Told of the packs that are read next, so that a store that is far away can fetch them together. Never throws. */
  expect(folder: string, names: readonly string[]): Promise<void>;
  /** @throws MissingPackError, RangeError if the pack is shorter, or PackStoreError. */
  read(folder: string, name: string, range: PackRange): Promise<Buffer>;
  /** Removes a pack. One that is not there is no error. */
  remove(folder: string, name: string): Promise<void>;
  /** Removes all packs of a session. */
  removeAll(folder: string): Promise<void>;
  /** Ends what is under way, when the server stops. */
  stop(): void;
}
