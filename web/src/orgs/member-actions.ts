import { api, request, type Answer, type Dto } from '../api/client';
import { rolesToGive, type Role } from './roles';

type Member = Pick<Dto['MemberDto'], 'user_id' | 'email' | 'role'>;

/** What an owner or admin can do with a member. */
export type MemberAction = 'deactivate' | 'reactivate' | 'remove';

/** Whether a user may act on a member: never on themselves, and on an owner or an auditor only as an owner. */
export function mayDecide(
  { user_id, role }: Member,
  { myId, own }: { readonly myId: string; readonly own: Role },
): boolean {
  return user_id !== myId && rolesToGive(own).includes(role);
}

/** The question before an action, with its answers. */
interface MemberQuestion {
  readonly title: string;
  readonly question: string;
  readonly yes: string;
}

/** Returns the question before an action that takes something away; undefined for one that doesn't. */
export function questionOf(
  action: MemberAction,
  { email }: Member,
  organization: string,
): MemberQuestion | undefined {
  switch (action) {
    case 'deactivate':
      return {
        title: `Deactivate ${email}`,
        question:
          'Their sessions and proxy tokens are revoked, and their agents stop at the next request. Their stored key and the audit trail stay.',
        yes: 'Deactivate',
      };
    case 'remove':
      return {
        title: `Remove ${email} from ${organization}`,
        question: 'They keep their account and their own key, but not this organization.',
        yes: 'Remove',
      };
    case 'reactivate':
      return undefined;
  }
}

export function act(action: MemberAction, org: string, { user_id }: Member): Promise<Answer<unknown>> {
  const params = { path: { org, id: user_id } };
  switch (action) {
    case 'deactivate':
      return request(api.POST('/api/v1/orgs/{org}/members/{id}/deactivate', { params }));
    case 'reactivate':
      return request(api.POST('/api/v1/orgs/{org}/members/{id}/reactivate', { params }));
    case 'remove':
      return request(api.DELETE('/api/v1/orgs/{org}/members/{id}', { params }));
  }
}

/** Says what an action has done. */
export function doneInWords(action: MemberAction, { email }: Member, organization: string): string {
  switch (action) {
    case 'deactivate':
      return `${email} is deactivated: signed out everywhere, and their agents are refused.`;
    case 'reactivate':
      return `${email} can sign in again. Their agents need a new token.`;
    case 'remove':
      return `${email} is no longer in ${organization}.`;
  }
}
