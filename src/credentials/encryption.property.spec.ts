import fc from 'fast-check';
import { createSecretKey, randomBytes } from 'node:crypto';
import { DecryptionError, EncryptionService, Owner } from './encryption.service';
import { masterKeys } from './master-keys';

const service = new EncryptionService(masterKeys(createSecretKey(randomBytes(32)), []));
const plaintext = fc.string({ unit: 'binary', maxLength: 300 });
const userId = fc.uuid();
const owner = (id: string): Owner => ({ userId: id, purpose: 'anthropic-key' });

describe('encryption, whatever the text', () => {
  it('gives back what was put in', () => {
    fc.assert(
      fc.property(plaintext, userId, (text, id) => {
        const wellFormed = Buffer.from(text, 'utf8').toString('utf8');
        expect(service.decrypt(service.encrypt(wellFormed, owner(id)), owner(id))).toBe(wellFormed);
      }),
    );
  });

  it('fails for any flipped bit of ciphertext, tag or nonce', () => {
    fc.assert(
      fc.property(plaintext, userId, fc.nat(), fc.boolean(), (text, id, at, inNonce) => {
        const sealed = service.encrypt(text, owner(id));
        const bytes = inNonce ? sealed.nonce : sealed.ciphertext;
        const bit = at % (bytes.length * 8);
        bytes[bit >> 3]! ^= 1 << (bit & 7);
        expect(() => service.decrypt(sealed, owner(id))).toThrow(DecryptionError);
      }),
    );
  });

  it('fails for every other user', () => {
    fc.assert(
      fc.property(plaintext, userId, userId, (text, id, other) => {
        fc.pre(id !== other);
        expect(() => service.decrypt(service.encrypt(text, owner(id)), owner(other))).toThrow(
          DecryptionError,
        );
      }),
    );
  });
});
