import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { PassingDecoder } from './passing-decoder';
import { turnOfItsOwn } from './turns';

const MIB = 1024 * 1024;

function decoding(sink: (bytes: Buffer) => boolean): PassingDecoder {
  return new PassingDecoder('gzip', sink);
}

describe('a body that is decoded as it passes', () => {
  it('is whole at its end, whatever comes in one moment', async () => {
    const body = randomBytes(300_000).toString('hex');
    const decoded: string[] = [];
    const decoder = decoding((bytes) => decoded.push(bytes.toString()) > 0);
    const encoded = gzipSync(body);
    for (let at = 0; at < encoded.length; at += 1_000)
      expect(decoder.append(encoded.subarray(at, at + 1_000))).toBe(true);
    expect(decoded).toEqual([]); // the bytes are on their way before
    expect(await decoder.finish()).toBe('whole');
    expect(decoded.join('') === body).toBe(true);
  });

  it('is refused when it comes faster than it can be decoded', async () => {
    const encoded = gzipSync(randomBytes(9 * MIB), { level: 0 });
    const decoder = decoding(() => true);
    const taken: boolean[] = [];
    for (let at = 0; at < encoded.length; at += MIB)
      taken.push(decoder.append(encoded.subarray(at, at + MIB)));
    expect(taken).toContain(false);
    decoder.destroy();
    expect(await decoder.finish()).toBe('whole'); // nobody waits for it any more
  });

  it('of any length is taken, although the decoder is never done with what is there', async () => {
    let length = 0;
    const decoder = decoding((bytes) => (length += bytes.length) > 0);
    const encoded = gzipSync(randomBytes(12 * MIB), { level: 0 });
    const refused: number[] = [];
    if (!decoder.append(encoded.subarray(0, MIB))) refused.push(0);
    for (let at = MIB; at < encoded.length; at += MIB / 4) {
      if (!decoder.append(encoded.subarray(at, at + MIB / 4))) refused.push(at);
      await turnOfItsOwn();
    }
    expect(refused).toEqual([]);
    expect(await decoder.finish()).toBe('whole');
    expect(length).toBe(12 * MIB);
  });

  it('leaves turns to others, although a few bytes become millions', async () => {
    let length = 0;
    let turns = 0;
    const decoder = decoding((bytes) => (length += bytes.length) > 0);
    decoder.append(gzipSync(Buffer.alloc(8 * MIB)));
    const count = (): void => {
      turns += 1;
      if (length < 8 * MIB) setImmediate(count);
    };
    count();
    expect(await decoder.finish()).toBe('whole');
    expect(length).toBe(8 * MIB);
    expect(turns).toBeGreaterThanOrEqual(32);
  });

  it.each([
    ['wants no more', (): boolean => false, 'unreadable'],
    [
      'fails',
      (): boolean => {
        throw new Error('of the sink');
      },
      'damaged',
    ],
  ] as const)('ends where its sink %s', async (_what, sink, outcome) => {
    const decoder = decoding(sink);
    expect(decoder.append(gzipSync(randomBytes(20_000)))).toBe(true);
    expect(await decoder.finish()).toBe(outcome);
    expect(decoder.append(Buffer.from('more'))).toBe(true);
  });

  it('ends in the middle of a turn when it is destroyed there', async () => {
    let given = 0;
    const decoder: PassingDecoder = decoding(() => {
      given += 1;
      decoder.destroy();
      return true;
    });
    decoder.append(gzipSync(randomBytes(100_000)));
    expect(await decoder.finish()).toBe('whole'); // nobody waits for it any more
    expect(given).toBe(1);
  });

  it('leaves alone what it had when it has ended: it is the next one’s', async () => {
    const encoded = gzipSync('of the next one');
    const first = decoding(() => true);
    first.append(gzipSync(randomBytes(1_000)));
    expect(await first.finish()).toBe('whole');
    const decoded: string[] = [];
    const next = decoding((bytes) => decoded.push(bytes.toString()) > 0);
    next.append(encoded.subarray(0, 10));
    first.destroy();
    expect(first.append(Buffer.from('more'))).toBe(true);
    expect(await first.finish()).toBe('whole');
    next.append(encoded.subarray(10));
    expect(await next.finish()).toBe('whole');
    expect(decoded.join('')).toBe('of the next one');
  });

  it('leaves its memory to the next one', async () => {
    const encoded = gzipSync(randomBytes(30_000).toString('hex'));
    const decodeMany = async (count: number): Promise<void> => {
      for (let done = 0; done < count; done++) {
        let length = 0;
        const decoder = decoding((bytes) => (length += bytes.length) > 0);
        for (let at = 0; at < encoded.length; at += 4_000) {
          decoder.append(encoded.subarray(at, at + 4_000));
          await turnOfItsOwn();
        }
        expect(await decoder.finish()).toBe('whole');
        expect(length).toBe(60_000);
      }
    };
    const created = jest.spyOn(Buffer, 'allocUnsafeSlow');
    await decodeMany(1);
    created.mockClear();
    await decodeMany(20);
    expect(created).not.toHaveBeenCalled();
    created.mockRestore();
  });
});
