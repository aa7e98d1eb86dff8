import type { components } from '../api/schema';

export type PersonalKeys = components['schemas']['KeyOrganizationDto']['personal_keys'];
type Status = Pick<components['schemas']['MyKeyDto'], 'configured' | 'in_use' | 'reason'>;

/** The policies of an organization, with a label and an explanation for those who choose one. */
export const POLICIES: Record<PersonalKeys, { readonly label: string; readonly means: string }> = {
  allowed: {
    label: 'May use their own',
    means: 'A member’s own key is taken, and the shared key where a member has none.',
  },
  required: {
    label: 'Must use their own',
    means: 'Only a member’s own key is taken. Who has none is refused, whatever is shared here.',
  },
  forbidden: {
    label: 'Use the shared ones only',
    means: 'Only the shared key is taken. Keys that members have stored are kept, but not taken.',
  },
};

/** What an organization's policy means for the calls of a member, as the end of a sentence about these calls. */
export const POLICY_FOR_MEMBERS: Record<PersonalKeys, string> = {
  allowed: 'They take your own key, and where you have none, the one that it shares.',
  required: 'It has its members use keys of their own, and shares none with them.',
  forbidden: 'It has its members use the keys that it shares. A key of your own is kept, but not taken.',
};

/** Says why calls find no key, or why the stored one is not taken; undefined if there is nothing to say. */
export function keyNote({ configured, in_use, reason }: Status): string | undefined {
  if (reason === 'provider_disabled')
    return 'This provider is switched off on the server. Its key is not taken; you can remove it.';
  if (configured && in_use === 'organization') return 'Your own key is not taken: the organization’s is.';
  if (configured && in_use === null)
    return 'Your own key is not taken, and the organization shares none yet.';
  switch (reason) {
    case 'no_organization_key':
      return 'The organization shares none yet. Ask one of its owners or admins.';
    case 'own_key_required':
      return 'Agents are refused until you store a key of your own.';
    case 'no_key':
    case null:
      return undefined;
  }
}

/** Says who is affected when a shared key is removed. */
export function removalQuestion(label: string, org: string, policy: PersonalKeys): string {
  const whose = `${org} shares it with its members.`;
  switch (policy) {
    case 'allowed':
      return `${whose} Members without a key of their own for ${label} are refused at the next request; those who have one go on.`;
    case 'required':
      return `${whose} Nobody’s calls take it: members use keys of their own.`;
    case 'forbidden':
      return `${whose} All members are refused at the next request, also those with a key of their own.`;
  }
}
