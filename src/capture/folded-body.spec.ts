import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { fold, FoldedBody, PieceSource, unfold } from './folded-body';
import { ID_BYTES } from './piece-list';

const source = (get: PieceSource['get']): PieceSource => ({ expect: () => Promise.resolve(), get });

const idOf = (kind: string, bytes: Buffer): Buffer =>
  createHmac('sha256', 'key').update(`${kind} `).update(bytes).digest().subarray(0, ID_BYTES);

async function unfolded({ root, pieces }: FoldedBody): Promise<Buffer> {
  const parts: Buffer[] = [];
  const get = (id: string) => {
    const bytes = pieces.get(id);
    return bytes === undefined ? Promise.reject(new Error(`No ${id}`)) : Promise.resolve(bytes);
  };
  for await (const part of unfold(root, source(get))) parts.push(part);
  return Buffer.concat(parts);
}

const message = (turn: number) => ({ role: 'user', content: `${turn} `.repeat(400) });
const request = (turns: number) =>
  Buffer.from(
    JSON.stringify({
      model: 'm',
      system: 's'.repeat(10_000),
      messages: Array.from({ length: turns }, (_, turn) => message(turn)),
      stream: true,
    }),
  );

describe('a folded body', () => {
  it('unfolds to its bytes, whatever they are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        const body = Buffer.from(bytes);
        expect((await unfolded(fold(body, idOf))).equals(body)).toBe(true);
      }),
    );
    for (const turns of [0, 1, 100, 3_000]) {
      const body = request(turns);
      expect((await unfolded(fold(body, idOf))).equals(body)).toBe(true);
    }
  });

  it('takes of a request that repeats the ones before it little more than what is new in it', () => {
    const stored = new Map<string, number>();
    let raw = 0;
    let roots = 0;
    for (let turns = 1; turns <= 400; turns++) {
      const body = request(turns);
      const { root, pieces } = fold(body, idOf);
      raw += body.length;
      roots += root.length;
      for (const [id, bytes] of pieces) stored.set(id, bytes.length);
    }
    const unique = request(400).length;
    const kept = [...stored.values()].reduce((sum, length) => sum + length, roots);
    expect(raw / unique).toBeGreaterThan(150);
    expect(kept / unique).toBeLessThan(1.6);
  });

  it('shares most of its lists with one whose beginning was replaced', () => {
    const messages = Array.from({ length: 1_000 }, (_, turn) => message(turn));
    const before = fold(Buffer.from(JSON.stringify({ messages })), idOf);
    messages.splice(0, 10, message(-1));
    const after = fold(Buffer.from(JSON.stringify({ messages })), idOf);
    const added = [...after.pieces.keys()].filter((id) => !before.pieces.has(id));
    expect(added.length).toBeLessThan(5);
  });

  it('is not put together from lists that it was not made of', async () => {
    const { root, pieces } = fold(request(200), idOf);
    const get = (id: string) => Promise.resolve(Buffer.concat([pieces.get(id)!, Buffer.of(200)]));
    const read = async () => {
      for await (const part of unfold(root, source(get))) expect(part).toBeDefined();
    };
    await expect(read()).rejects.toThrow(RangeError);
    await expect(unfold(Buffer.of(5, 1), source(get)).next()).rejects.toThrow(RangeError);
  });

  it('is not followed round in a circle', async () => {
    const circle = Buffer.concat([Buffer.of(0xfe), Buffer.alloc(ID_BYTES)]);
    await expect(
      unfold(
        circle,
        source(() => Promise.resolve(circle)),
      ).next(),
    ).rejects.toThrow('nested too deeply');
  });
});
