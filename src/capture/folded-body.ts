import { piecesOf } from './body-pieces';
import { decodeList, encodeList, Entry, groups, MAX_INLINE_BYTES } from './piece-list';

/** Returns the id of stored bytes. A list never has the id of a piece, even if its bytes are the same. */
export type IdOf = (kind: 'piece' | 'list', bytes: Buffer) => Buffer;

/** A body as pieces that are stored once, however many bodies they are in. */
export interface FoldedBody {
  /** The encoded list that the body is put together from; empty for an empty body. */
  readonly root: Buffer;
  /** What the list refers to, by the hexadecimal id: pieces, which are parts of the body, and encoded lists. */
  readonly pieces: ReadonlyMap<string, Buffer>;
}

/** The maximum number of entries in the root. */
const MAX_ROOT_ENTRIES = 64;
/** The maximum number of lists within lists: each level divides the number of entries by ten and more. */
const MAX_DEPTH = 8;

export function fold(body: Buffer, idOf: IdOf): FoldedBody {
  const pieces = new Map<string, Buffer>();
  const stored = (kind: 'piece' | 'list', bytes: Buffer): Entry => {
    const id = idOf(kind, bytes);
    pieces.set(id.toString('hex'), bytes);
    return { kind, id };
  };
  let entries = piecesOf(body).map(({ start, end }): Entry => {
    const bytes = body.subarray(start, end);
    return bytes.length <= MAX_INLINE_BYTES ? { kind: 'bytes', bytes } : stored('piece', bytes);
  });
  for (let depth = 1; depth < MAX_DEPTH && entries.length > MAX_ROOT_ENTRIES; depth++)
    entries = groups(entries).flatMap((list) =>
      list.length < 3 ? list : [stored('list', encodeList(list))],
    );
  return { root: encodeList(entries), pieces };
}

/** Where pieces and lists are stored, by their hexadecimal ids. */
export interface PieceSource {
  /** Called with the ids of what a list holds, before they are asked for. */
  readonly expect: (ids: readonly string[]) => Promise<void>;
  readonly get: (id: string) => Promise<Buffer>;
}

/**
 * Yields a body's bytes, part by part.
 * @throws RangeError for lists that fold() does not make; and whatever the source throws.
 */
export async function* unfold(root: Buffer, source: PieceSource, depth = 0): AsyncGenerator<Buffer> {
  if (depth > MAX_DEPTH) throw new RangeError('The lists of pieces are nested too deeply');
  const entries = decodeList(root);
  await source.expect(entries.flatMap((entry) => (entry.kind === 'bytes' ? [] : [entry.id.toString('hex')])));
  for (const entry of entries) {
    if (entry.kind === 'bytes') yield entry.bytes;
    else {
      const bytes = await source.get(entry.id.toString('hex'));
      if (entry.kind === 'piece') yield bytes;
      else yield* unfold(bytes, source, depth + 1);
    }
  }
}
