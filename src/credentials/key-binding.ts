import { Binding, DecryptionError } from './encryption.service';
import { ProviderKeyEntity } from './provider-key.entity';

/** The columns that say whose key a row holds, and for which provider. */
export type KeyPlace = Pick<ProviderKeyEntity, 'userId' | 'orgId' | 'provider'>;

/** The format of every ciphertext that is written now. */
export const CURRENT_FORMAT = 2;

/** The format from before there were organizations' keys and other providers than Anthropic. */
const FIRST_FORMAT = 1;
const FIRST_PROVIDER = 'anthropic';

/**
 * Returns the binding of a key in the current format: the kind and the id of its owner, and its provider. A ciphertext that
 * is moved to another row of another owner or provider therefore does not decrypt.
 */
export function currentBinding({ userId, orgId, provider }: KeyPlace): Binding {
  const owner = userId === null ? `organization:${orgId}` : `user:${userId}`;
  return { purpose: 'provider-key', owner: `${owner}:${provider}` };
}

/**
 * Returns the binding of a row, in the format that it names.
 * @throws DecryptionError for an unknown format, and for a row that its format does not allow.
 */
export function bindingOf(row: KeyPlace & Pick<ProviderKeyEntity, 'format'>): Binding {
  if (row.format === CURRENT_FORMAT) return currentBinding(row);
  if (row.format === FIRST_FORMAT && row.userId !== null && row.provider === FIRST_PROVIDER)
    return { purpose: 'anthropic-key', owner: row.userId };
  throw new DecryptionError(`A key for ${row.provider} has the format ${row.format}, which it can't have`);
}
