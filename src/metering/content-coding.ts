import * as zlib from 'node:zlib';
import { Transform } from 'node:stream';
import { Inflater } from './inflater';
import { turnOfItsOwn } from './turns';
import { decodeZstdInSlices } from './zstd';

/** The content codings that can be decoded. */
const CODINGS = ['gzip', 'deflate', 'br', 'zstd'] as const;
export type Coding = (typeof CODINGS)[number];

/** How far a decoding came. */
export type Decoded = 'whole' | 'damaged' | 'unreadable';

/** Compressed bytes that are decoded at once; more of them are decoded by the thread pool, in pieces. */
const MAX_AT_ONCE = 256 * 1024;
/** Decoded bytes that are held at once. */
const MAX_HELD = 16 * 1024 * 1024;
/** The maximum number of decoded bytes, against bombs. */
const MAX_DECODED = 128 * 1024 * 1024;
const SLICE = 256 * 1024;
/** Bytes that a decoder takes at once: of a piece with a fault nothing is decoded. */
const SMALL_PIECE = 128;
const LARGE_PIECE = 16 * 1024;

/** Takes decoded bytes, which are valid during the call alone. */
export type Sink = (bytes: Buffer) => void;

/** Returns the coding that a header names: undefined for none, null for one that can't be decoded. */
export function codingOf(header: string | undefined): Coding | undefined | null {
  const name = header?.trim().toLowerCase().replace(/^x-/, '') ?? '';
  if (name === '' || name === 'identity') return undefined;
  return CODINGS.find((coding) => coding === name) ?? null;
}

/**
 * Decodes what is there of a body. One that was cut yields all that its bytes say; one that is corrupt yields what comes
 * before the fault.
 */
export async function decode(
  coding: Coding,
  bytes: Buffer,
  sink: Sink,
  maxDecoded = MAX_DECODED,
): Promise<Decoded> {
  const decoder = decoderOf(coding, bytes);
  const bounded = boundedSink(sink, maxDecoded);
  if (decoder === undefined) return decodeZstdInSlices(bytes, bounded);
  if (
    bytes.length <= MAX_AT_ONCE &&
    (await decodeAtOnce(coding, bytes, sink, Math.min(MAX_HELD, maxDecoded)))
  )
    return 'whole';
  return inPieces(decoder.create(), bytes, bounded);
}

/**
 * Decodes a body that is whole, and not large, in a turn of its own, and gives it out in turns.
 * @returns false, without giving anything out, if it is damaged, or decodes to more than `maxDecoded` bytes.
 */
export async function decodeAtOnce(
  coding: Coding,
  bytes: Buffer,
  sink: Sink,
  maxDecoded: number,
): Promise<boolean> {
  await turnOfItsOwn();
  const whole = atOnce(decoderOf(coding, bytes), bytes, maxDecoded);
  if (whole === undefined) return false;
  for (let at = 0; at < whole.length; at += SLICE) {
    if (at > 0) await turnOfItsOwn();
    sink(whole.subarray(at, at + SLICE));
  }
  return true;
}

/** The codings that can be decoded as they pass: the decoder of another one may take megabytes. */
export type InflatedCoding = Extract<Coding, 'gzip' | 'deflate'>;

/** Tells whether a coding can be decoded as it passes. */
export function isInflated(coding: Coding): coding is InflatedCoding {
  return coding === 'gzip' || coding === 'deflate';
}

/**
 * Returns what decodes a body as it passes.
 * @param start the first bytes of the body, at least two.
 */
export function inflaterOf(coding: InflatedCoding, start: Buffer): Inflater {
  if (isZlib(start)) return new Inflater('zlib');
  return new Inflater(coding === 'gzip' ? 'gzip' : 'bare');
}

/** Returns undefined if the bytes are corrupt, or too many. */
function atOnce(decoder: Decoder | undefined, bytes: Buffer, maxOutputLength: number): Buffer | undefined {
  try {
    return decoder?.decodeSync(bytes, maxOutputLength);
  } catch {
    return undefined;
  }
}

function inPieces(stream: Transform, bytes: Buffer, sink: BoundedSink): Promise<Decoded> {
  return new Promise((resolve) => {
    stream.on('data', (chunk: Buffer) => {
      if (sink(chunk)) return;
      stream.destroy();
      resolve('unreadable');
    });
    stream.once('error', () => resolve('damaged'));
    stream.once('end', () => resolve('whole'));
    const size = bytes.length <= MAX_AT_ONCE ? SMALL_PIECE : LARGE_PIECE;
    for (let at = 0; at < bytes.length; at += size) stream.write(bytes.subarray(at, at + size));
    stream.end();
  });
}

/** A sink that tells whether it takes more. */
export type BoundedSink = (bytes: Buffer) => boolean;

export function boundedSink(sink: Sink, limit = MAX_DECODED): BoundedSink {
  let length = 0;
  return (bytes) => {
    length += bytes.length;
    if (length > limit) return false;
    sink(bytes);
    return true;
  };
}

interface Decoder {
  readonly create: () => Transform;
  readonly decodeSync: (bytes: Buffer, maxOutputLength: number) => Buffer;
}

/** Without these a stream that is cut would lose its end. */
const FLUSH = { finishFlush: zlib.constants.Z_SYNC_FLUSH };
const BROTLI_FLUSH = { finishFlush: zlib.constants.BROTLI_OPERATION_FLUSH };

const GZIP: Decoder = {
  create: () => zlib.createGunzip(FLUSH),
  decodeSync: (bytes, maxOutputLength) => zlib.gunzipSync(bytes, { ...FLUSH, maxOutputLength }),
};
const DEFLATE: Decoder = {
  create: () => zlib.createInflate(FLUSH),
  decodeSync: (bytes, maxOutputLength) => zlib.inflateSync(bytes, { ...FLUSH, maxOutputLength }),
};
const RAW_DEFLATE: Decoder = {
  create: () => zlib.createInflateRaw(FLUSH),
  decodeSync: (bytes, maxOutputLength) => zlib.inflateRawSync(bytes, { ...FLUSH, maxOutputLength }),
};
const BROTLI: Decoder = {
  create: () => zlib.createBrotliDecompress(BROTLI_FLUSH),
  decodeSync: (bytes, maxOutputLength) =>
    zlib.brotliDecompressSync(bytes, { ...BROTLI_FLUSH, maxOutputLength }),
};

/** Node's own zstd, which 22.15 brought. */
interface ZstdOfNode {
  readonly createZstdDecompress?: (options: object) => Transform;
  readonly zstdDecompressSync?: (bytes: Buffer, options: object) => Buffer;
  readonly constants: { readonly ZSTD_e_flush?: number };
}

/** Returns undefined for zstd where Node has none. */
function decoderOf(coding: Coding, bytes: Buffer): Decoder | undefined {
  switch (coding) {
    case 'gzip':
      return GZIP;
    case 'deflate':
      return isZlib(bytes) ? DEFLATE : RAW_DEFLATE;
    case 'br':
      return BROTLI;
    case 'zstd':
      return zstdDecoder(zlib as ZstdOfNode);
  }
}

/** Tells whether bytes have zlib's header (RFC 1950), which some servers leave out. */
function isZlib(bytes: Buffer): boolean {
  const [first = 0, second = 0] = bytes;
  return (first & 15) === 8 && (first * 256 + second) % 31 === 0;
}

function zstdDecoder(node: ZstdOfNode): Decoder | undefined {
  const { createZstdDecompress: create, zstdDecompressSync: decodeSync } = node;
  if (create === undefined || decodeSync === undefined) return undefined;
  const flush = { finishFlush: node.constants.ZSTD_e_flush };
  return {
    create: () => create(flush),
    decodeSync: (bytes, maxOutputLength) => decodeSync(bytes, { ...flush, maxOutputLength }),
  };
}
