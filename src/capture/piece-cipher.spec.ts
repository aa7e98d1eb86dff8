import { createSecretKey, randomBytes } from 'node:crypto';
import { DamagedPieceError, PieceCipher } from './piece-cipher';

const dataKey = createSecretKey(randomBytes(32));
const cipher = new PieceCipher(dataKey, 'session-1');
const idOf = (bytes: Buffer, kind: 'piece' | 'list' = 'piece') => cipher.idOf(kind, bytes).toString('hex');

describe('the cipher of a session’s pieces', () => {
  it.each([
    ['nothing', Buffer.alloc(0)],
    ['a message', Buffer.from(JSON.stringify({ role: 'user', content: 'Say hello. '.repeat(100) }))],
    ['bytes that do not get smaller', randomBytes(5_000)],
  ])('opens what it has sealed: %s', async (_, bytes) => {
    const sealed = await cipher.seal(idOf(bytes), bytes);
    expect((await cipher.open(idOf(bytes), sealed)).equals(bytes)).toBe(true);
    expect(sealed.length).toBeLessThanOrEqual(bytes.length + 29);
  });

  it('makes text smaller, and never seals the same twice', async () => {
    const bytes = Buffer.from('the same words, '.repeat(1_000));
    const [one, other] = [await cipher.seal(idOf(bytes), bytes), await cipher.seal(idOf(bytes), bytes)];
    expect(one.length).toBeLessThan(bytes.length / 20);
    expect(one.equals(other)).toBe(false);
    expect(one.includes('the same words')).toBe(false);
  });

  it('gives the same bytes the same id, within one session and kind alone', () => {
    const bytes = Buffer.from('hello');
    expect(idOf(bytes)).toBe(idOf(Buffer.from('hello')));
    const others = [
      idOf(Buffer.from('hello!')),
      idOf(bytes, 'list'),
      new PieceCipher(dataKey, 'session-2').idOf('piece', bytes).toString('hex'),
      new PieceCipher(createSecretKey(randomBytes(32)), 'session-1').idOf('piece', bytes).toString('hex'),
    ];
    expect(new Set([idOf(bytes), ...others]).size).toBe(5);
  });

  it('opens nothing that was changed, cut or moved', async () => {
    const bytes = Buffer.from('what was said');
    const id = idOf(bytes);
    const sealed = await cipher.seal(id, bytes);
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const changed = Buffer.from(sealed);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      await expect(cipher.open(id, changed)).rejects.toThrow(DamagedPieceError);
    }
    for (const [opener, name, stored] of [
      [cipher, id, sealed.subarray(0, -1)],
      [cipher, id, Buffer.alloc(0)],
      [cipher, idOf(Buffer.from('another')), sealed],
      [new PieceCipher(dataKey, 'session-2'), id, sealed],
      [new PieceCipher(createSecretKey(randomBytes(32)), 'session-1'), id, sealed],
    ] as const)
      await expect(opener.open(name, stored)).rejects.toThrow(DamagedPieceError);
  });
});
