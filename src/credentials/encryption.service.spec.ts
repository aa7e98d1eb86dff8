import { createSecretKey, randomBytes } from 'node:crypto';
import { DecryptionError, EncryptionService, Purpose, Sealed } from './encryption.service';
import { masterKeys } from './master-keys';

const key = () => createSecretKey(randomBytes(32));
const ada = '11111111-1111-1111-1111-111111111111';
const bob = '22222222-2222-2222-2222-222222222222';
const secret = Buffer.from('sk-ant-secret');

describe('EncryptionService', () => {
  const current = key();
  const service = new EncryptionService(masterKeys(current, []));
  const sealed = service.encrypt(secret, 'anthropic-key', ada);

  it('opens what it sealed, for its owner', () => {
    expect(service.decrypt(sealed, 'anthropic-key', ada)).toEqual(secret);
  });

  it('draws a fresh 96-bit nonce for each write', () => {
    const encrypt = () => service.encrypt(secret, 'anthropic-key', ada);
    const nonces = Array.from({ length: 1000 }, () => encrypt().nonce.toString('hex'));
    expect(new Set(nonces).size).toBe(1000);
    expect(nonces[0]).toHaveLength(24);
  });

  const flipped = (bytes: Buffer, bit: number): Buffer => {
    const copy = Buffer.from(bytes);
    copy[bit >> 3]! ^= 1 << (bit & 7);
    return copy;
  };

  it('opens with no bit of ciphertext, tag or nonce changed', () => {
    for (let bit = 0; bit < sealed.ciphertext.length * 8; bit++) {
      const ciphertext = flipped(sealed.ciphertext, bit);
      expect(() => service.decrypt({ ...sealed, ciphertext }, 'anthropic-key', ada)).toThrow(DecryptionError);
    }
    for (let bit = 0; bit < sealed.nonce.length * 8; bit++) {
      const nonce = flipped(sealed.nonce, bit);
      expect(() => service.decrypt({ ...sealed, nonce }, 'anthropic-key', ada)).toThrow(DecryptionError);
    }
  });

  it.each<[string, Partial<Sealed>, string, Purpose?]>([
    ['another user', {}, bob],
    ['another purpose', {}, ada, 'trace-data-key'],
    ['an unknown master key', { masterKeyId: '0000000000000000' }, ada],
    ['a tag that is cut short', { ciphertext: sealed.ciphertext.subarray(0, -1) }, ada],
    ['no ciphertext', { ciphertext: Buffer.alloc(0) }, ada],
    ['a shorter nonce', { nonce: sealed.nonce.subarray(0, 8) }, ada],
    ['no nonce', { nonce: Buffer.alloc(0) }, ada],
  ])('fails closed for %s', (_name, change, owner, purpose = 'anthropic-key') => {
    expect(() => service.decrypt({ ...sealed, ...change }, purpose, owner)).toThrow(DecryptionError);
  });

  it('says nothing of the content when it fails', () => {
    try {
      service.decrypt(sealed, 'anthropic-key', bob);
    } catch (error) {
      expect(String(error)).toBe(
        `DecryptionError: A ciphertext under master key ${sealed.masterKeyId} does not open for its row`,
      );
    }
    expect.assertions(1);
  });

  it.each([
    ['sk-ant-é', ada, 'VO6p9dCE7KIJnjmKhrpCH1BgSQt7Ccpzmg==', 'CQkJCQkJCQkJCQkJ'],
    [
      'sk-ant-api03-of-an-earlier-release',
      '11111111-1111-1111-1111-11111111AbCd',
      'A73aAnMZ+cFwRKcFNYD46web1JSA7jt5kyeXMDiLo0DWdqDgzKTMG9xHt+5Aeblh4zk=',
      'baB+6Tgh1o1t/YfC',
    ],
  ])('opens a row of an earlier release: the format is what databases hold', (key, user, ...row) => {
    const release = new EncryptionService(masterKeys(createSecretKey(Buffer.alloc(32, 7)), []));
    const [ciphertext, nonce] = row.map((text) => Buffer.from(text, 'base64')) as [Buffer, Buffer];
    const sealed = { ciphertext, nonce, masterKeyId: 'ec2aad014134f99d' };
    expect(release.decrypt(sealed, 'anthropic-key', user).toString()).toBe(key);
  });

  it.each<[string, Partial<Sealed>]>([
    ['a ciphertext without its tag', { ciphertext: sealed.ciphertext.subarray(0, 15) }],
    ['a nonce of another length', { nonce: Buffer.alloc(16) }],
  ])('tells %s from one that does not open', (_name, change) => {
    expect(() => service.decrypt({ ...sealed, ...change }, 'anthropic-key', ada)).toThrow(/cut short/);
  });

  it('keeps the cause of a failure for the log', () => {
    expect(() => service.decrypt(sealed, 'anthropic-key', bob)).toThrow(
      expect.objectContaining({
        cause: expect.objectContaining({ message: expect.stringContaining('authenticate') }),
      }),
    );
  });

  it('opens with a previous key, and seals with the current one', () => {
    const [next, unrelated] = [key(), key()];
    const rotated = new EncryptionService(masterKeys(next, [unrelated, current]));
    expect(rotated.decrypt(sealed, 'anthropic-key', ada)).toEqual(secret);
    expect(rotated.encrypt(secret, 'anthropic-key', ada).masterKeyId).not.toBe(sealed.masterKeyId);
    const later = new EncryptionService(masterKeys(next, []));
    expect(() => later.decrypt(sealed, 'anthropic-key', ada)).toThrow('is not configured');
  });

  it('does not open a row that claims to be under the other of two known keys', () => {
    const other = key();
    const both = new EncryptionService(masterKeys(other, [current]));
    const claimed = { ...sealed, masterKeyId: masterKeys(other, []).current.id };
    expect(() => both.decrypt(claimed, 'anthropic-key', ada)).toThrow(DecryptionError);
  });

  it('takes no owner in whom another line of the bound text could stand', () => {
    expect(() => service.encrypt(secret, 'anthropic-key', `${ada}\nx`)).toThrow(RangeError);
    expect(() => service.decrypt(sealed, 'anthropic-key', `${ada}\nx`)).toThrow(RangeError);
  });
});

describe('a data key', () => {
  const [first, next] = [key(), key()];
  const service = new EncryptionService(masterKeys(first, []));
  const { dataKey, wrapped } = service.wrapDataKey('trace-data-key', ada);

  it('has 256 random bits, another key each time', () => {
    expect(dataKey.symmetricKeySize).toBe(32);
    expect(service.wrapDataKey('trace-data-key', ada).dataKey.equals(dataKey)).toBe(false);
  });

  it('is unwrapped for its owner alone', () => {
    expect(service.unwrapDataKey(wrapped, 'trace-data-key', ada).equals(dataKey)).toBe(true);
    expect(() => service.unwrapDataKey(wrapped, 'trace-data-key', bob)).toThrow(DecryptionError);
  });

  it('is not in what is stored', () => {
    expect(wrapped.ciphertext.includes(dataKey.export())).toBe(false);
  });

  it('stays the same when it is wrapped again under a newer master key', () => {
    const moved = new EncryptionService(masterKeys(next, [first])).rewrap(wrapped, {
      purpose: 'trace-data-key',
      owner: ada,
    });
    const later = new EncryptionService(masterKeys(next, []));
    expect(later.unwrapDataKey(moved, 'trace-data-key', ada).equals(dataKey)).toBe(true);
    expect(() => later.unwrapDataKey(wrapped, 'trace-data-key', ada)).toThrow('is not configured');
  });

  it('is never taken from a secret of another length', () => {
    const short = service.encrypt(Buffer.alloc(31), 'trace-data-key', ada);
    expect(() => service.unwrapDataKey(short, 'trace-data-key', ada)).toThrow(DecryptionError);
  });
});
