import { createHash } from 'node:crypto';
import { BodyCopy, MAX_BODY_BYTES } from './body-copy';
import { CaptureBuffer } from './capture-buffer';

const MIB = 1024 * 1024;

/** Copies chunks of these sizes. */
function copied(sizes: readonly number[], maxBytes: number) {
  const buffer = new CaptureBuffer(2 * maxBytes);
  const copy = new BodyCopy(buffer, 'somebody');
  const hash = createHash('sha256');
  for (const [index, size] of sizes.entries()) {
    const chunk = Buffer.alloc(size, index);
    hash.update(chunk);
    copy.add(chunk);
    chunk.fill(0xff); // chunks belong to the stream, which uses their memory again
  }
  const { state, bytes, sha256, length } = copy.end();
  expect(sha256.equals(hash.digest())).toBe(true);
  expect(length).toBe(sizes.reduce((sum, size) => sum + size, 0));
  expect(buffer.bytes).toBe(bytes.length);
  return { state, bytes };
}

describe('the copy of a body', () => {
  it.each<[string, number[], number, string]>([
    ['an empty one', [], MIB, 'kept'],
    ['a small one', [1, 2, 3], MIB, 'kept'],
    ['one of many chunks', Array.from({ length: 5_000 }, (_, index) => index % 50), MIB, 'kept'],
    ['one that finds no room', [MIB / 2, MIB / 2, 1], MIB, 'dropped'],
    ['one that finds no room from the start', [MIB + 1, 1], MIB, 'dropped'],
    ['the largest', [MAX_BODY_BYTES - 1, 1], 64 * MIB, 'kept'],
    ['one that is too large', [MAX_BODY_BYTES, 1, 1], 64 * MIB, 'too_large'],
  ])('%s', (_, sizes, maxBytes, state) => {
    const copy = copied(sizes, maxBytes);
    expect(copy.state).toBe(state);
    const expected =
      state === 'kept' ? Buffer.concat(sizes.map((size, index) => Buffer.alloc(size, index))) : [];
    expect(copy.bytes.equals(Buffer.from(expected))).toBe(true);
  });

  it('takes no more memory than it counts, however small its chunks are', () => {
    const buffer = new CaptureBuffer(64 * MIB);
    const copy = new BodyCopy(buffer, 'somebody');
    for (let byte = 0; byte < 100_000; byte++) copy.add(Buffer.of(byte & 0xff));
    expect(buffer.bytes).toBeGreaterThanOrEqual(100_000);
    expect(buffer.bytes).toBeLessThan(2 * 100_000 + 8 * 1024);
    expect(copy.end().bytes[99_999]).toBe(99_999 & 0xff);
    expect(buffer.bytes).toBe(100_000);
  });

  it('leaves others half of the memory', () => {
    const buffer = new CaptureBuffer(4 * MIB);
    const [one, more, others] = [
      new BodyCopy(buffer, 'a'),
      new BodyCopy(buffer, 'a'),
      new BodyCopy(buffer, 'b'),
    ];
    one.add(Buffer.alloc(MIB));
    more.add(Buffer.alloc(2 * MIB));
    others.add(Buffer.alloc(MIB));
    expect([one, more, others].map((copy) => copy.end().state)).toEqual(['kept', 'dropped', 'kept']);
    buffer.giveBack('a', MIB);
    buffer.giveBack('b', MIB);
    expect(buffer.bytes).toBe(0);
    expect(buffer.take('a', 2 * MIB)).toBe(true);
  });
});
