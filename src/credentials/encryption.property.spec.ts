import fc from 'fast-check';
import { createSecretKey, randomBytes } from 'node:crypto';
import { DecryptionError, EncryptionService } from './encryption.service';
import { masterKeys } from './master-keys';

const service = new EncryptionService(masterKeys(createSecretKey(randomBytes(32)), []));
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const userId = fc.uuid();

describe('encryption, whatever the bytes', () => {
  it('gives back what was put in, and leaves what was given as it was', () => {
    fc.assert(
      fc.property(bytes, userId, (plaintext, id) => {
        const before = Buffer.from(plaintext);
        const sealed = service.encrypt(plaintext, 'anthropic-key', id);
        expect(plaintext).toEqual(before);
        expect(service.decrypt(sealed, 'anthropic-key', id)).toEqual(before);
      }),
    );
  });

  it('fails for any flipped bit of ciphertext, tag or nonce', () => {
    fc.assert(
      fc.property(bytes, userId, fc.nat(), fc.boolean(), (plaintext, id, at, inNonce) => {
        const sealed = service.encrypt(plaintext, 'anthropic-key', id);
        const changed = inNonce ? sealed.nonce : sealed.ciphertext;
        const bit = at % (changed.length * 8);
        changed[bit >> 3]! ^= 1 << (bit & 7);
        expect(() => service.decrypt(sealed, 'anthropic-key', id)).toThrow(DecryptionError);
      }),
    );
  });

  it('fails for every other user', () => {
    fc.assert(
      fc.property(bytes, userId, userId, (plaintext, id, other) => {
        fc.pre(id !== other);
        const sealed = service.encrypt(plaintext, 'anthropic-key', id);
        expect(() => service.decrypt(sealed, 'anthropic-key', other)).toThrow(DecryptionError);
      }),
    );
  });

  it('fails for every other purpose', () => {
    fc.assert(
      fc.property(bytes, userId, (plaintext, id) => {
        const sealed = service.encrypt(plaintext, 'anthropic-key', id);
        expect(() => service.decrypt(sealed, 'trace-data-key', id)).toThrow(DecryptionError);
      }),
    );
  });

  it('moves to a newer master key, which alone opens it then, with the same bytes inside', () => {
    const next = createSecretKey(randomBytes(32));
    const old = createSecretKey(randomBytes(32));
    const before = new EncryptionService(masterKeys(old, []));
    const during = new EncryptionService(masterKeys(next, [old]));
    const after = new EncryptionService(masterKeys(next, []));
    fc.assert(
      fc.property(bytes, userId, (plaintext, id) => {
        const sealed = before.encrypt(plaintext, 'anthropic-key', id);
        const moved = during.rewrap(sealed, { purpose: 'anthropic-key', owner: id });
        expect(after.decrypt(moved, 'anthropic-key', id)).toEqual(plaintext);
        expect(() => before.decrypt(moved, 'anthropic-key', id)).toThrow('is not configured');
      }),
    );
  });
});
