import { createSecretKey, randomBytes } from 'node:crypto';
import { DecryptionError, EncryptionService, Owner, Sealed } from './encryption.service';
import { masterKeys } from './master-keys';

const key = () => createSecretKey(randomBytes(32));
const ada: Owner = { userId: '11111111-1111-1111-1111-111111111111', purpose: 'anthropic-key' };
const bob: Owner = { ...ada, userId: '22222222-2222-2222-2222-222222222222' };

describe('EncryptionService', () => {
  const current = key();
  const service = new EncryptionService(masterKeys(current, []));
  const sealed = service.encrypt('sk-ant-secret', ada);

  it('opens what it sealed, for its owner', () => {
    expect(service.decrypt(sealed, ada)).toBe('sk-ant-secret');
  });

  it('draws a fresh 96-bit nonce for each write', () => {
    const nonces = Array.from({ length: 1000 }, () => service.encrypt('same', ada).nonce.toString('hex'));
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
      expect(() => service.decrypt({ ...sealed, ciphertext: flipped(sealed.ciphertext, bit) }, ada)).toThrow(
        DecryptionError,
      );
    }
    for (let bit = 0; bit < sealed.nonce.length * 8; bit++) {
      expect(() => service.decrypt({ ...sealed, nonce: flipped(sealed.nonce, bit) }, ada)).toThrow(
        DecryptionError,
      );
    }
  });

  it.each<[string, Partial<Sealed>, Owner]>([
    ['another user', {}, bob],
    ['another purpose', {}, { ...ada, purpose: 'other' as Owner['purpose'] }],
    ['an unknown master key', { keyId: '0000000000000000' }, ada],
    ['a tag that is cut short', { ciphertext: sealed.ciphertext.subarray(0, -1) }, ada],
    ['no ciphertext', { ciphertext: Buffer.alloc(0) }, ada],
    ['a shorter nonce', { nonce: sealed.nonce.subarray(0, 8) }, ada],
    ['no nonce', { nonce: Buffer.alloc(0) }, ada],
  ])('fails closed for %s', (_name, change, owner) => {
    expect(() => service.decrypt({ ...sealed, ...change }, owner)).toThrow(DecryptionError);
  });

  it('says nothing of the content when it fails', () => {
    try {
      service.decrypt(sealed, bob);
    } catch (error) {
      expect(String(error)).toBe(
        `DecryptionError: A ciphertext under master key ${sealed.keyId} does not open for its row`,
      );
    }
    expect.assertions(1);
  });

  it('opens a row of an earlier release: the format is what databases hold', () => {
    const release = new EncryptionService(masterKeys(createSecretKey(Buffer.alloc(32, 7)), []));
    const row = {
      ciphertext: Buffer.from('VO6p9dCE7KIJnjmKhrpCH1BgSQt7Ccpzmg==', 'base64'),
      nonce: Buffer.alloc(12, 9),
      keyId: 'ec2aad014134f99d',
    };
    expect(release.decrypt(row, ada)).toBe('sk-ant-é');
  });

  it.each<[string, Partial<Sealed>]>([
    ['a ciphertext without its tag', { ciphertext: sealed.ciphertext.subarray(0, 15) }],
    ['a nonce of another length', { nonce: Buffer.alloc(16) }],
  ])('tells %s from one that does not open', (_name, change) => {
    expect(() => service.decrypt({ ...sealed, ...change }, ada)).toThrow(/cut short/);
  });

  it('keeps the cause of a failure for the log', () => {
    expect(() => service.decrypt(sealed, bob)).toThrow(
      expect.objectContaining({
        cause: expect.objectContaining({ message: expect.stringContaining('authenticate') }),
      }),
    );
  });

  it('opens with a previous key, and seals with the current one', () => {
    const [next, unrelated] = [key(), key()];
    const rotated = new EncryptionService(masterKeys(next, [unrelated, current]));
    expect(rotated.decrypt(sealed, ada)).toBe('sk-ant-secret');
    expect(rotated.encrypt('x', ada).keyId).not.toBe(sealed.keyId);
    expect(() => new EncryptionService(masterKeys(next, [])).decrypt(sealed, ada)).toThrow(
      'is not configured',
    );
  });

  it('does not open a row that claims to be under the other of two known keys', () => {
    const other = key();
    const both = new EncryptionService(masterKeys(other, [current]));
    expect(() => both.decrypt({ ...sealed, keyId: masterKeys(other, []).current.id }, ada)).toThrow(
      DecryptionError,
    );
  });
});
