import type { components } from '../api/schema';

export type Role = components['schemas']['MemberDto']['role'];

/** What each role may do, as shown to users who grant it. */
export const ROLES: Record<Role, string> = {
  developer: 'Uses the proxy, with a key of their own.',
  auditor:
    'Uses the proxy as well, and sees what all calls used and cost. Reads what is kept of them, each time with a reason that the person sees.',
  admin: 'Uses the proxy, and looks after members, invites and API keys.',
  owner: 'As an admin, and has a say over the other owners.',
};

/** Returns the roles that a user may grant, least privileged first. Only an owner makes owners and auditors. */
export function rolesToGive(own: Role): Role[] {
  return own === 'owner' ? ['developer', 'auditor', 'admin', 'owner'] : ['developer', 'admin'];
}

/** Whether a member with this role manages the organization: its members, keys and settings. */
export function manages(role: Role | undefined): boolean {
  return role === 'owner' || role === 'admin';
}
