import { PieceCipher } from './piece-cipher';
import { StoredPiece } from './trace-contents.repository';

/** A pack as it is stored, and where its pieces are in it. */
interface SealedPack {
  readonly bytes: Buffer;
  readonly places: StoredPiece[];
}

/** Encrypts pieces, one behind the other. @param pieces by their hexadecimal ids. */
export async function sealedPack(
  cipher: PieceCipher,
  pack: string,
  pieces: ReadonlyMap<string, Buffer>,
): Promise<SealedPack> {
  const places: StoredPiece[] = [];
  const sealed: Buffer[] = [];
  let offset = 0;
  for (const [id, bytes] of pieces) {
    const piece = await cipher.seal(id, bytes);
    sealed.push(piece);
    places.push({ id, pack, offset, length: piece.length });
    offset += piece.length;
  }
  return { bytes: Buffer.concat(sealed), places };
}
