import { randomBytes } from 'node:crypto';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { CompressedBody } from './compressed-body';
import { Coding, Decoded } from './content-coding';

const MIB = 1024 * 1024;
/** Bodies that are kept until their end, in small and in many pieces, and one that is decoded as it passes. */
const SIZES = [1_000, 6_000, 100_000];

async function decoded(coding: Coding, bytes: Buffer): Promise<[Decoded, Buffer]> {
  const pieces: Buffer[] = [];
  const body = new CompressedBody(coding, (piece) => void pieces.push(Buffer.from(piece)));
  for (let at = 0; at < bytes.length; at += 700) expect(body.append(bytes.subarray(at, at + 700))).toBe(true);
  return [await body.finish(), Buffer.concat(pieces)];
}

/** Changes the last bytes, with which a decoder checks what it has decoded. */
function withWrongChecksum(bytes: Buffer): Buffer {
  const changed = Buffer.from(bytes);
  changed.writeUInt8(changed.readUInt8(changed.length - 6) ^ 1, changed.length - 6);
  return changed;
}

describe('a compressed body', () => {
  it.each(SIZES)('of %i bytes is given out whole', async (size) => {
    const text = Buffer.from(randomBytes(size).toString('hex'));
    for (const [coding, bytes] of [
      ['gzip', gzipSync(text)],
      ['deflate', deflateSync(text)],
      ['deflate', deflateRawSync(text)],
      ['gzip', deflateSync(text)], // as some servers say it
    ] as const) {
      const [outcome, all] = await decoded(coding, bytes);
      expect([outcome, all.equals(text)]).toEqual(['whole', true]);
    }
  });

  it.each(SIZES)('of %i bytes is given out up to its fault', async (size) => {
    const text = Buffer.from(randomBytes(size).toString('hex'));
    const bytes = gzipSync(text);
    const [found, all] = await decoded('gzip', withWrongChecksum(bytes));
    expect([found, all.equals(text)]).toEqual(['damaged', true]);
    const [outcome, start] = await decoded('gzip', bytes.subarray(0, bytes.length - 300)); // cut, and not at fault
    expect(outcome).toBe('whole');
    expect(text.subarray(0, start.length).equals(start)).toBe(true);
    expect(start.length).toBeGreaterThan(text.length - 1_200);
  });

  it('whose few bytes become millions leaves turns to others', async () => {
    let turns = 0;
    let isDone = false;
    const count = (): void => {
      turns += 1;
      if (!isDone) setImmediate(count);
    };
    count();
    const [outcome, bytes] = await decoded('gzip', gzipSync(Buffer.alloc(7 * MIB)));
    isDone = true;
    expect([outcome, bytes.length]).toEqual(['whole', 7 * MIB]);
    expect(turns).toBeGreaterThan(25);
  });
});
