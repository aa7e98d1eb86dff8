/** An entry of a list of pieces: bytes that are too few to be stored on their own, a stored piece, or a stored list of further entries. */
export type Entry =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'piece' | 'list'; readonly id: Buffer };

/** The length of a stored piece's id, in bytes. */
export const ID_BYTES = 16;
/** The maximum number of bytes that stand in the list themselves: the id of a piece is as long. */
export const MAX_INLINE_BYTES = 32;

const PIECE = 0xff;
const LIST = 0xfe;
/** One of so many ids ends a list, so that lists end at the same pieces whatever comes before them. */
const ENDING = 16;
const MAX_ENTRIES = 128;

/**
 * Divides entries into lists. Where a list ends is decided by its last entry alone: the next request repeats most entries of
 * this one, and so most of its lists.
 */
export function groups(entries: readonly Entry[]): Entry[][] {
  const lists: Entry[][] = [];
  let list: Entry[] = [];
  for (const entry of entries) {
    list.push(entry);
    const isEnd = entry.kind !== 'bytes' && entry.id.readUInt8() % ENDING === 0;
    if (!isEnd && list.length < MAX_ENTRIES) continue;
    lists.push(list);
    list = [];
  }
  if (list.length > 0) lists.push(list);
  return lists;
}

export function encodeList(entries: readonly Entry[]): Buffer {
  return Buffer.concat(
    entries.flatMap((entry) =>
      entry.kind === 'bytes'
        ? [Buffer.of(entry.bytes.length), entry.bytes]
        : [Buffer.of(entry.kind === 'piece' ? PIECE : LIST), entry.id],
    ),
  );
}

/** @throws RangeError for bytes that are no list. */
export function decodeList(encoded: Buffer): Entry[] {
  const entries: Entry[] = [];
  for (let at = 0; at < encoded.length;) {
    const head = encoded.readUInt8(at);
    const isId = head === PIECE || head === LIST;
    const end = at + 1 + (isId ? ID_BYTES : head);
    if (end > encoded.length || (!isId && (head === 0 || head > MAX_INLINE_BYTES)))
      throw new RangeError('The bytes are no list of pieces');
    const bytes = encoded.subarray(at + 1, end);
    if (isId) entries.push({ kind: head === PIECE ? 'piece' : 'list', id: bytes });
    else entries.push({ kind: 'bytes', bytes });
    at = end;
  }
  return entries;
}
