import * as fc from 'fast-check';
import { constants, createGzip, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { Inflater } from './inflater';
import { InflateFormat } from './zlib-module';

const LIMIT = 64 * 1024;

const CODINGS: readonly (readonly [string, InflateFormat, (bytes: Buffer) => Buffer])[] = [
  ['gzip', 'gzip', gzipSync],
  ['deflate with zlib’s header', 'zlib', deflateSync],
  ['deflate without a header', 'bare', deflateRawSync],
];

/** Bytes that compress well, badly, and not at all, among them more than the decoder's window and its output. */
const bodies = fc
  .array(
    fc.oneof(
      fc.string({ maxLength: 300 }).map((text) => Buffer.from(text)),
      fc.nat(70_000).map((length) => Buffer.alloc(length, 'event: delta\n')),
      fc.uint8Array({ maxLength: 40_000, size: 'max' }).map((bytes) => Buffer.from(bytes)),
    ),
    { maxLength: 4 },
  )
  .map((parts) => Buffer.concat(parts));

/** Gives an inflater all bytes, in pieces of that size. @returns what it decoded. */
function inflated(inflater: Inflater, bytes: Buffer, size = bytes.length): Buffer {
  const decoded: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += Math.max(1, size)) {
    let piece = bytes.subarray(at, at + Math.max(1, size));
    for (let isMore = true; isMore;) {
      const step = inflater.inflate(piece, LIMIT, (part) => decoded.push(Buffer.from(part)) > 0);
      piece = piece.subarray(step[0]);
      isMore = step[1];
    }
  }
  return Buffer.concat(decoded);
}

describe.each(CODINGS)('%s', (_name, format, encode) => {
  it('is decoded as by zlib, however it is cut into pieces', () => {
    fc.assert(
      fc.property(bodies, fc.integer({ min: 1, max: 20_000 }), (body, size) => {
        const inflater = new Inflater(format);
        expect(inflated(inflater, encode(body), size).equals(body)).toBe(true);
        expect(inflater.state).toBe('open');
      }),
      { numRuns: 60 },
    );
  });

  it('that was cut yields all that its bytes say', () => {
    fc.assert(
      fc.property(bodies, fc.double({ min: 0, max: 1, noNaN: true }), (body, part) => {
        const encoded = encode(body);
        const inflater = new Inflater(format);
        const decoded = inflated(inflater, encoded.subarray(0, Math.floor(encoded.length * part)), 4096);
        expect(body.subarray(0, decoded.length).equals(decoded)).toBe(true);
        expect(inflater.state).toBe('open');
      }),
      { numRuns: 60 },
    );
  });

  it('that is damaged says so or decodes as much as it says, never throws, and takes nothing behind the fault', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 2_000 }), fc.nat(), (noise, at) => {
        const encoded = encode(Buffer.alloc(5_000, 'and then '));
        Buffer.from(noise).copy(encoded, at % encoded.length);
        const inflater = new Inflater(format);
        inflated(inflater, encoded, 100);
        if (inflater.state === 'damaged')
          expect(inflated(inflater, encode(Buffer.from('more')))).toHaveLength(0);
      }),
    );
  });
});

describe('an inflater', () => {
  it('decodes each event of a stream as soon as it has been flushed', async () => {
    const gzip = createGzip();
    const inflater = new Inflater('gzip');
    for (const event of ['data: 1\n\n', 'data: 2\n\n', `data: ${'x'.repeat(50_000)}\n\n`]) {
      gzip.write(event);
      await new Promise<void>((resolve) => gzip.flush(constants.Z_SYNC_FLUSH, resolve));
      expect(inflated(inflater, gzip.read() as Buffer).toString()).toBe(event);
    }
  });

  it('decodes members of gzip behind each other, and ends at what is none', () => {
    const inflater = new Inflater('gzip');
    const members = Buffer.concat([gzipSync('one, '), gzipSync('two'), Buffer.alloc(20)]);
    expect(inflated(inflater, members, 7).toString()).toBe('one, two');
    expect(inflater.state).toBe('ended');
    expect(inflated(inflater, gzipSync('three'))).toHaveLength(0);
  });

  it.each([
    ['the checksum of gzip', 'gzip', gzipSync, 8],
    ['the length of gzip', 'gzip', gzipSync, 4],
    ['the checksum of zlib', 'zlib', deflateSync, 4],
  ] as const)('says that %s is wrong, however it is cut into pieces', (_name, format, encode, fromEnd) => {
    for (let size = 1; size < 30; size++) {
      const encoded = encode('hello');
      const at = encoded.length - fromEnd;
      encoded.writeUInt8(encoded.readUInt8(at) ^ 1, at);
      const inflater = new Inflater(format);
      expect(inflated(inflater, encoded, size).toString()).toBe('hello');
      expect([size, inflater.state]).toEqual([size, 'damaged']);
    }
  });

  it('verifies each member of gzip by itself, however they are cut into pieces', () => {
    const texts = fc.array(fc.string({ maxLength: 40 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 40 }), fc.nat(), fc.nat(7), (members, size, which, at) => {
        const encoded = members.map((text) => gzipSync(text));
        const whole = new Inflater('gzip');
        expect(inflated(whole, Buffer.concat(encoded), size).toString()).toBe(members.join(''));
        expect(whole.state).toBe('open');
        const wrong = which % members.length;
        const { length } = encoded[wrong]!;
        encoded[wrong]!.writeUInt8(encoded[wrong]!.readUInt8(length - 1 - at) ^ 0x40, length - 1 - at);
        const damaged = new Inflater('gzip');
        expect(inflated(damaged, Buffer.concat(encoded), size).toString()).toBe(
          members.slice(0, wrong + 1).join(''),
        );
        expect(damaged.state).toBe('damaged');
      }),
    );
  });

  it('stops after as much as it is asked for, and when the sink wants no more', () => {
    const bomb = gzipSync(Buffer.alloc(10_000_000));
    const inflater = new Inflater('gzip');
    let length = 0;
    const count = (part: Buffer): boolean => (length += part.length) < 1_000_000;
    const [taken, isMore] = inflater.inflate(bomb, LIMIT, count);
    expect(isMore).toBe(true);
    expect(length).toBeGreaterThanOrEqual(LIMIT);
    expect(length).toBeLessThanOrEqual(LIMIT + 16 * 1024);
    expect(inflater.inflate(bomb.subarray(taken), 100_000_000, count)[1]).toBe(false);
    expect(length).toBeLessThan(1_000_000 + 16 * 1024);
    expect(inflater.state).toBe('ended');
  });

  it('stops after as many bytes as it is asked for, although they decode to nothing', () => {
    const empty = Buffer.concat(Array.from({ length: 10_000 }, () => gzipSync('')));
    const [taken, isMore] = new Inflater('gzip').inflate(empty, LIMIT, () => true);
    expect(isMore).toBe(true);
    expect(taken).toBeGreaterThanOrEqual(LIMIT);
    expect(taken).toBeLessThanOrEqual(LIMIT + 4096);
  });

  it('knows nothing of another one between two of its pieces', () => {
    const texts = ['a'.repeat(40_000), 'b'.repeat(40_000)].map((text, index) => `${text}${String(index)}`);
    const inflaters = texts.map(() => new Inflater('gzip'));
    const found = texts.map((): string[] => []);
    const encoded = texts.map((text) => gzipSync(text));
    for (let at = 0; at < 200; at += 10)
      for (const [index, inflater] of inflaters.entries())
        found[index]?.push(inflated(inflater, encoded[index]!.subarray(at, at + 10)).toString());
    expect(found.map((parts) => parts.join(''))).toEqual(texts);
  });

  it('is one of a thousand side by side, of which others come and go', () => {
    const numbers = (seed: number): string =>
      Array.from({ length: 900 }, (_, at) => (at * seed) % 10_007).join();
    const bodies = Array.from({ length: 1_000 }, (_, index) => numbers(7_919 + index));
    const encoded = bodies.map((body) => gzipSync(body));
    const inflaters = bodies.map(() => new Inflater('gzip'));
    const found = bodies.map((): string[] => []);
    for (let at = 0; at < 5_000; at += 700) {
      for (const [index, inflater] of inflaters.entries())
        found[index]?.push(inflated(inflater, encoded[index]!.subarray(at, at + 700)).toString());
      for (let index = at % 3; index < bodies.length; index += 3) {
        if (found[index]?.join('') !== bodies[index]) continue;
        inflaters[index]?.release();
        inflaters[index] = new Inflater('gzip');
      }
    }
    expect(found.map((parts) => parts.join(''))).toEqual(bodies);
    for (const inflater of inflaters) inflater.release();
  });

  it('may be released by its sink', () => {
    const inflater = new Inflater('gzip');
    let given = 0;
    const sink = (): boolean => {
      given += 1;
      inflater.release();
      return true;
    };
    expect(inflater.inflate(gzipSync(Buffer.alloc(100_000)), LIMIT, sink)[1]).toBe(false);
    expect([given, inflater.state]).toEqual([1, 'ended']);
  });

  it('knows nothing of the body whose memory it takes over', () => {
    const secret = Buffer.from('what another person was told, '.repeat(2_000));
    const first = new Inflater('gzip');
    expect(inflated(first, gzipSync(secret)).equals(secret)).toBe(true);
    first.release();
    const second = new Inflater('bare');
    const referring = deflateRawSync(secret.subarray(0, 20_000), { dictionary: secret.subarray(-30_000) });
    expect(inflated(second, referring).includes('person')).toBe(false);
    expect(second.state).toBe('damaged');
    second.release();
  });

  it('decodes with memory that was used before as with new memory, and nothing once it has left it', () => {
    const body = fc.tuple(
      fc.constantFrom(...CODINGS),
      bodies,
      fc.integer({ min: 1, max: 20_000 }),
      fc.boolean(),
    );
    fc.assert(
      fc.property(fc.array(body, { maxLength: 5 }), (many) => {
        for (const [[, format, encode], bytes, size, isCut] of many) {
          const inflater = new Inflater(format);
          const encoded = encode(bytes);
          const decoded = inflated(inflater, isCut ? encoded.subarray(0, encoded.length / 2) : encoded, size);
          expect(bytes.subarray(0, isCut ? decoded.length : undefined).equals(decoded)).toBe(true);
          expect(inflater.state).toBe('open');
          inflater.release();
          expect(inflated(inflater, encoded, size)).toHaveLength(0);
        }
      }),
      { numRuns: 40 },
    );
  });
});
