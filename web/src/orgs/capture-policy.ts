import type { components } from '../api/schema';

export type CapturePolicy = components['schemas']['OrgDto']['capture'];

/** Whether an organization keeps what agents say, with a label and an explanation for those who choose it. */
export const CAPTURE_POLICIES: Record<CapturePolicy, { readonly label: string; readonly means: string }> = {
  off: {
    label: 'Never',
    means: 'Nothing is kept of what agents say in the organization’s calls, whatever its members choose.',
  },
  members_choose: {
    label: 'As each member chooses',
    means: 'Each member chooses on the page Account. Nothing is kept until they turn it on.',
  },
  required: {
    label: 'Always',
    means:
      'What agents say in the organization’s calls is kept for every member, who is told so on every page. Each can read their own; auditors can read that of others, with a reason that the person sees.',
  },
};

/** What an organization's policy means for a member who has a choice of their own; nothing where it leaves the choice to them. */
export function policyForMember(policy: CapturePolicy, title: string): string | undefined {
  switch (policy) {
    case 'off':
      return `${title} has nothing kept of its calls, whatever you choose here.`;
    case 'required':
      return `${title} has all of its calls kept, whatever you choose here.`;
    case 'members_choose':
      return undefined;
  }
}

/** Who can read what is kept in an organization besides the person whose it is; nothing where nobody can. */
export function auditorsInWords(auditors: number, title: string): string | undefined {
  if (auditors === 0) return undefined;
  const who = auditors === 1 ? 'an auditor' : `${auditors} auditors`;
  return `${title} has ${who}, who can read what is kept of its calls. You see each time, and the reason, in your activity.`;
}
