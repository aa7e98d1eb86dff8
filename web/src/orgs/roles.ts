import type { components } from '../api/schema';

export type Role = components['schemas']['MemberDto']['role'];

/** What each may do, for those who give it to somebody. */
export const ROLES: Record<Role, string> = {
  developer: 'Uses the proxy, with a key of their own.',
  admin: 'Looks after members, invites and API keys as well.',
  owner: 'As an admin, and has a say over the other owners.',
};

/** The least first. Nobody makes an owner but an owner. */
export function rolesToGive(own: Role): Role[] {
  return own === 'owner' ? ['developer', 'admin', 'owner'] : ['developer', 'admin'];
}
