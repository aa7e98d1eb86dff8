import { AnthropicKeyEntity } from './anthropic-key.entity';
import { Owner, Sealed } from './encryption.service';

/** What a row holds, as the encryption takes it. */
export function sealedIn({ keyEncrypted, keyNonce, keyId }: AnthropicKeyEntity): Sealed {
  return { ciphertext: keyEncrypted, nonce: keyNonce, keyId };
}

/** Whom a person's Anthropic key is bound to. */
export function ownerOf(userId: string): Owner {
  return { userId, purpose: 'anthropic-key' };
}
