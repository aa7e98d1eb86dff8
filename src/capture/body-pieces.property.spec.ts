import fc from 'fast-check';
import { piecesOf } from './body-pieces';

const together = (body: Buffer): Buffer =>
  Buffer.concat(piecesOf(body).map(({ start, end }) => body.subarray(start, end)));

describe('the pieces of any body', () => {
  it('are its bytes, in order and without a gap', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(together(Buffer.from(bytes)).equals(bytes)).toBe(true);
      }),
    );
  });

  it('hold each message of a request, however it is spelled', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { maxLength: 8 }), fc.nat(3), (messages, indent) => {
        const body = Buffer.from(JSON.stringify({ model: 'm', messages, stream: true }, null, indent));
        expect(together(body).equals(body)).toBe(true);
        const read = piecesOf(body).map(({ start, end }) => valueOf(body.toString('utf8', start, end)));
        for (const message of messages) expect(read).toContainEqual(JSON.parse(JSON.stringify(message)));
      }),
    );
  });

  it('are its bytes wherever it was cut off', () => {
    const body = Buffer.from(
      JSON.stringify({ system: 'a\\"b', messages: [{ role: 'user', content: ['é'] }] }),
    );
    for (let length = 0; length <= body.length; length++) {
      const start = body.subarray(0, length);
      expect(together(start).equals(start)).toBe(true);
      if (length > 0 && length < body.length) expect(piecesOf(start)).toHaveLength(1);
    }
  });
});

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
