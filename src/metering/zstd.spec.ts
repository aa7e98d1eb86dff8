import { usageOf, part, sse } from '../../test/support/metered';
import { Decoded } from './content-coding';
import { decodeZstdInSlices } from './zstd';

const RAW = 0;
const RLE = 1;

/** A block of a frame (RFC 8878 3.1.1.2). */
function block(type: number, size: number, content: Buffer, isLast = false): Buffer {
  const header = Buffer.alloc(3);
  header.writeUIntLE((size << 3) | (type << 1) | Number(isLast), 0, 3);
  return Buffer.concat([header, content]);
}
const raw = (text: string): Buffer => block(RAW, Buffer.byteLength(text), Buffer.from(text));
const LAST = block(RAW, 0, Buffer.alloc(0), true);

/** A frame with a window of 2 to the power of its logarithm. */
function frame(blocks: readonly Buffer[], logarithm = 17): Buffer {
  return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, (logarithm - 10) << 3]), ...blocks]);
}

async function decoded(bytes: Buffer, limit = 1e6): Promise<[Decoded, string]> {
  const pieces: Buffer[] = [];
  let length = 0;
  const result = await decodeZstdInSlices(bytes, (piece) => {
    length += piece.length;
    if (length > limit) return false;
    pieces.push(Buffer.from(piece));
    return true;
  });
  return [result, Buffer.concat(pieces).toString()];
}

describe('zstd without a decoder of Node’s own', () => {
  const large = 'x'.repeat(100_000);

  it('is decoded in slices, several frames and an end that is missing included', async () => {
    const blocks = [raw('one'), raw(large), raw('two')];
    expect(await decoded(frame([...blocks, LAST]))).toEqual(['whole', `one${large}two`]);
    expect(await decoded(frame(blocks))).toEqual(['whole', `one${large}two`]);
    expect(await decoded(frame(blocks).subarray(0, -1))).toEqual(['whole', `one${large}`]);
    expect(await decoded(Buffer.concat([frame([raw('a'), LAST]), frame([raw('b'), LAST])]))).toEqual([
      'whole',
      'ab',
    ]);
  });

  it('yields what comes before a fault', async () => {
    expect(await decoded(frame([raw('one'), raw('two'), block(3, 5, Buffer.alloc(5))]))).toEqual([
      'damaged',
      'onetwo',
    ]);
  });

  it('is unreadable if it is none, asks for more memory than HTTP allows, or is a bomb', async () => {
    expect(await decoded(Buffer.from('no zstd at all'))).toEqual(['unreadable', '']);
    expect(await decoded(frame([raw('one'), LAST], 24))).toEqual(['unreadable', '']);
    const second = Buffer.concat([frame([raw('a'), LAST]), frame([raw('b'), LAST], 31)]);
    expect(await decoded(second)).toEqual(['unreadable', '']);
    const single = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 1, 0, 0, 0]); // says 4 GiB in one segment
    expect(await decoded(Buffer.concat([single, LAST, Buffer.alloc(9)]))).toEqual(['unreadable', '']);
    const bomb = Array.from({ length: 100 }, () => block(RLE, 131_072, Buffer.from('x')));
    expect((await decoded(frame(bomb)))[0]).toBe('unreadable');
  });
});

describe('a stream in zstd', () => {
  it('that is cut is estimated by what is there, whichever decoder there is', async () => {
    const usage = { input_tokens: 9, output_tokens: 1 };
    const events = [
      { type: 'message_start', message: { id: 'i', model: 'm', content: [], usage } },
      { type: 'content_block_delta', delta: { type: 'text_delta', text: '1234567890123456' } },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 7 } },
      { type: 'message_stop' },
    ].map((event) => raw(sse([event])));
    const cut = { coding: 'zstd', contentType: 'text/event-stream', outcome: 'client_aborted' } as const;
    expect(await usageOf({ ...cut, chunks: [frame(events)] })).toMatchObject({
      state: 'measured',
      parts: [part({ input: 9, output: 7 })],
    });
    expect(await usageOf({ ...cut, chunks: [frame(events.slice(0, 2)), Buffer.from([1, 0])] })).toMatchObject(
      {
        state: 'estimated',
        parts: [part({ input: 9, output: 4 })],
      },
    );
  });
});
