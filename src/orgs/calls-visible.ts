import { Membership, OVERSEERS } from './orgs.service';

/** Returns whose calls in an organization a member may see: everybody's for overseers, for other members their own. */
export function visibleTo(
  userId: string,
  { org, role }: Membership,
): { readonly orgId: string; readonly userId?: string } {
  return OVERSEERS.includes(role) ? { orgId: org.id } : { orgId: org.id, userId };
}
