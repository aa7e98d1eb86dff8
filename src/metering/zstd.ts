import { Decompress, ZstdErrorCode } from 'fzstd';
import { setImmediate } from 'node:timers/promises';
import type { BoundedSink, Decoded } from './content-coding';

const SLICE = 16 * 1024;
const MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
/** The largest window that HTTP allows (RFC 9659): the decoder allocates what a frame's header asks for. */
const MAX_WINDOW = 8 * 1024 * 1024;

/** Decodes zstd with a library, for Node before 22.15, in slices between turns of the event loop. */
export async function decodeZstdInSlices(bytes: Buffer, sink: BoundedSink): Promise<Decoded> {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC.subarray(0, bytes.length)) || hasLargeWindow(bytes))
    return 'unreadable';
  const state = { isTooLarge: false };
  const decompress = new Decompress((decoded) => {
    state.isTooLarge ||= !sink(Buffer.from(decoded.buffer, decoded.byteOffset, decoded.length));
    if (state.isTooLarge) throw new RangeError('too large');
  });
  try {
    for (let at = 0; at < bytes.length; at += SLICE) {
      if (at > 0) await setImmediate();
      decompress.push(bytes.subarray(at, at + SLICE));
    }
    decompress.push(Buffer.alloc(0), true); // it keeps the first bytes of a frame back
    return 'whole';
  } catch (error) {
    if (isCut(error)) return 'whole'; // as much as there is
    return state.isTooLarge ? 'unreadable' : 'damaged';
  }
}

/** Looks at the headers of all frames (RFC 8878 3.1.1.1). */
function hasLargeWindow(bytes: Buffer): boolean {
  for (let at = bytes.indexOf(MAGIC); at >= 0; at = bytes.indexOf(MAGIC, at + MAGIC.length))
    if (windowOf(bytes.subarray(at + MAGIC.length, at + MAGIC.length + 14)) > MAX_WINDOW) return true;
  return false;
}

function windowOf(header: Buffer): number {
  const [flags = 0, descriptor = 0] = header;
  if ((flags & 0x20) === 0) {
    const base = 2 ** (10 + (descriptor >> 3));
    return base + (base / 8) * (descriptor & 7);
  }
  const start = 1 + ([0, 1, 2, 4][flags & 3] ?? 0);
  const sizeLength = [1, 2, 4, 8][flags >> 6] ?? 8;
  if (header.length < start + sizeLength) return 0; // cut: nothing is decoded
  if (sizeLength === 8) return Number(header.readBigUInt64LE(start));
  return header.readUIntLE(start, sizeLength);
}

function isCut(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === ZstdErrorCode.UnexpectedEOF;
}
