import { KeySource } from '../exchange/facts';
import { PersonalKeys } from '../orgs/org.entity';

/** Why a call has no key. */
export type NoKeyReason = 'no_key' | 'own_key_required' | 'no_organization_key';

/**
 * Decides whose key a call takes: the caller's own, unless the organization forbids it, and otherwise the organization's,
 * unless the organization requires an own key.
 * @param policy the decision of the organization that the call belongs to; undefined if it belongs to none.
 */
export function chooseKey<Key>(
  own: Key | undefined,
  ofOrganization: Key | undefined,
  policy: PersonalKeys | undefined,
): { readonly key: Key; readonly source: KeySource } | { readonly reason: NoKeyReason } {
  if (own !== undefined && policy !== 'forbidden') return { key: own, source: 'own' };
  if (policy === 'required') return { reason: 'own_key_required' };
  if (ofOrganization !== undefined) return { key: ofOrganization, source: 'organization' };
  return { reason: policy === 'forbidden' ? 'no_organization_key' : 'no_key' };
}
