import type { components } from '../api/schema';

export type Role = components['schemas']['MemberDto']['role'];

/** What each role may do, as shown to users who grant it. */
export const ROLES: Record<Role, string> = {
  developer: 'Uses the proxy, with a key of their own.',
  admin: 'Looks after members, invites and API keys as well.',
  owner: 'As an admin, and has a say over the other owners.',
};

/** Returns the roles that a user may grant, least privileged first. Only an owner can grant ownership. */
export function rolesToGive(own: Role): Role[] {
  return own === 'owner' ? ['developer', 'admin', 'owner'] : ['developer', 'admin'];
}
