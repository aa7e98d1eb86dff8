import { closeFrame, FrameTracker } from './web-socket-frames';

const text = (length: number, masked = false): Buffer => frame(1, length, masked);

function frame(opcode: number, length: number, masked = false): Buffer {
  const mask = masked ? 0x80 : 0;
  const lengths =
    length < 126 ? [length] : length < 65_536 ? [126, ...bytesOf(length, 2)] : [127, ...bytesOf(length, 8)];
  const head = [
    0x80 | opcode,
    (lengths[0] ?? 0) | mask,
    ...lengths.slice(1),
    ...(masked ? [1, 2, 3, 4] : []),
  ];
  return Buffer.concat([Buffer.from(head), Buffer.alloc(length, 0x88)]);
}

function bytesOf(length: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => Math.floor(length / 256 ** (count - 1 - index)) % 256);
}

describe('a frame tracker', () => {
  it.each([
    ['before the first frame', Buffer.alloc(0), true],
    ['behind a short frame', text(5), true],
    ['behind an empty frame', text(0), true],
    ['behind one with a length of two bytes', text(126), true],
    ['behind one with a length of eight bytes', text(70_000), true],
    ['behind a masked frame', text(300, true), true],
    ['behind several frames', Buffer.concat([text(5), text(200), frame(9, 0), text(70_000)]), true],
    ['in a head', text(5).subarray(0, 1), false],
    ['in a long length', text(70_000).subarray(0, 9), false],
    ['in a mask', text(5, true).subarray(0, 5), false],
    ['in a payload', text(70_000).subarray(0, 60_000), false],
    ['behind the frame that closes', Buffer.concat([text(5), frame(8, 2)]), false],
  ])('knows whether a frame may follow %s, in whichever pieces the bytes come', (_name, bytes, canInsert) => {
    for (const size of [1, 3, 1_000, bytes.length + 1]) {
      const tracker = new FrameTracker();
      for (let at = 0; at < bytes.length; at += size) tracker.pass(bytes.subarray(at, at + size));
      expect(tracker.canInsert).toBe(canInsert);
    }
  });
});

describe('the frame that closes a WebSocket', () => {
  it('has the code and the reason', () => {
    expect(closeFrame(1008, 'over')).toEqual(Buffer.from([0x88, 6, 0x03, 0xf0, ...Buffer.from('over')]));
  });

  it('cuts a reason that is too long, and never in a character', () => {
    const closing = closeFrame(1008, 'é'.repeat(100));
    expect(closing[1]).toBe(124);
    expect(closing.subarray(4).toString()).toBe('é'.repeat(61));
  });
});
