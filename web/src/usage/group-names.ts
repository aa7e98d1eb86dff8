import { clientName } from '../ui/client-name';
import type { components } from '../api/schema';

/** What usage is grouped by: value and label. */
export const GROUPS = [
  ['model', 'Model'],
  ['person', 'Person'],
  ['token', 'Token'],
  ['client', 'Client'],
  ['session', 'Session'],
] as const;
export type GroupBy = (typeof GROUPS)[number][0];

/** The names behind ids, as far as the page knows them. */
export interface KnownNames {
  readonly tokens: readonly Pick<components['schemas']['ProxyTokenDto'], 'id' | 'name'>[];
  readonly people: readonly Pick<components['schemas']['MemberDto'], 'user_id' | 'name' | 'email'>[];
}

export const NO_NAMES: KnownNames = { tokens: [], people: [] };

export function personName({ people }: KnownNames, id: string): string {
  const person = people.find(({ user_id }) => user_id === id);
  return person === undefined ? `No longer a member (${id.slice(0, 8)})` : (person.name ?? person.email);
}

/** @param id the id of a proxy token; null for a call with the token of a sign-in session. */
export function tokenName({ tokens }: KnownNames, id: string | null): string {
  if (id === null) return 'Sign-in session';
  return tokens.find((one) => one.id === id)?.name ?? `Other token (${id.slice(0, 8)})`;
}

/** Returns the name of a group, for people. @param key the group's key; null for calls without one. */
export function groupName(names: KnownNames, by: GroupBy, key: string | null): string {
  switch (by) {
    case 'model':
      return key ?? 'No model';
    case 'person':
      return key === null ? 'Nobody' : personName(names, key);
    case 'token':
      return tokenName(names, key);
    case 'client':
      return key === null ? 'Unnamed client' : clientName(key);
    case 'session':
      return key ?? 'No session';
  }
}
