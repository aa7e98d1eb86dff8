import type { components } from '../api/schema';

type Event = components['schemas']['AuditEventDto'];

/**
 * Describes an event of the audit trail.
 * @param mine whether the reader is the actor.
 * @param whom the email of the user that the event affects, or a phrase for them.
 */
type Words = (details: Event['details'], mine: boolean, whom: string) => string;

/** The description of each action of the audit trail; test/web-audit-words compares the actions with the server's list. */
export const EVENT_WORDS: Record<Event['action'], Words> = {
  registered: ({ invite_id }) => (invite_id === undefined ? 'Signed up' : 'Signed up with an invite'),
  signed_in: ({ by }) =>
    by === 'device'
      ? 'A login that you approved was picked up: a new session'
      : 'Signed in with the password',
  sign_in_failed: ({ reason }) =>
    reason === 'deactivated'
      ? 'A sign-in was refused: the account was deactivated'
      : 'A sign-in failed: the password was wrong',
  session_revoked: ({ by }) => (by === 'sign_out' ? 'Signed out' : 'Revoked a session'),
  device_login_approved: () => 'Approved a login',
  device_login_denied: () => 'Denied a login',
  password_changed: ({ proxy_tokens }, mine) =>
    mine
      ? 'Changed the password; all other sessions revoked'
      : `The password was reset; all sessions${proxy_tokens === undefined ? '' : ' and proxy tokens'} revoked`,
  password_change_refused: () => 'A change of the password was refused: the current one was wrong',
  name_changed: ({ name }) => (name === undefined ? 'Took the name away' : `Changed the name to “${name}”`),
  account_deleted: () => 'Deleted the account',
  account_deletion_refused: () => 'The account was not deleted: the password was wrong',
  anthropic_key_stored: (details) => `Stored an Anthropic key${which(details)}`,
  anthropic_key_replaced: (details) => `Replaced the Anthropic key${which(details)}`,
  anthropic_key_removed: () => 'Removed the Anthropic key',
  proxy_token_created: ({ name }) => `Created a proxy token${name === undefined ? '' : `: “${name}”`}`,
  proxy_token_renamed: ({ name }) => `Renamed a proxy token${name === undefined ? '' : ` to “${name}”`}`,
  proxy_token_revoked: ({ name }) => `Revoked a proxy token${name === undefined ? '' : `: “${name}”`}`,
  org_renamed: ({ name }) => `Renamed an organization${name === undefined ? '' : ` to “${name}”`}`,
  org_deleted: ({ name }) =>
    `Left an organization as the last one, which deleted it${name === undefined ? '' : `: “${name}”`}`,
  org_api_key_created: ({ name }) =>
    `Created an organization’s API key${name === undefined ? '' : `: “${name}”`}`,
  org_api_key_revoked: () => 'Revoked an organization’s API key',
  invite_created: ({ role, email }) => `Created an invite for ${email ?? 'whoever has the code'}${as(role)}`,
  invite_withdrawn: () => 'Withdrew an invite',
  invite_accepted: ({ role }) => `Joined an organization by invite${as(role)}`,
  member_deactivated: (_, mine, whom) => (mine ? `Deactivated ${whom}` : 'This account was deactivated'),
  member_reactivated: (_, mine, whom) => (mine ? `Let ${whom} in again` : 'This account was let in again'),
  member_removed: (_, mine, whom) =>
    mine ? `Removed ${whom} from an organization` : 'This account was removed from an organization',
  member_left: () => 'Left an organization',
  role_changed: ({ role }, mine, whom) =>
    mine ? `Changed the role of ${whom}${to(role)}` : `The role of this account was changed${to(role)}`,
  role_granted: ({ role }, mine) => `${mine ? 'Gave a role' : 'A role was given to this account'}${as(role)}`,
  master_key_rotated: () => 'The server’s master key was rotated',
};

const which = ({ fingerprint }: Event['details']): string =>
  fingerprint === undefined ? '' : `: ${fingerprint}`;

const as = (role: string | number | undefined): string => (role === undefined ? '' : `, as ${role}`);

const to = (role: string | number | undefined): string => (role === undefined ? '' : ` to ${role}`);

/** Describes an event and, unless the reader is the actor, names the actor. */
export function inWords(
  { action, actor, actor_email, subject_email, details }: Event,
  myEmail: string,
): string {
  const mine = actor === 'person' && actor_email === myEmail;
  const what = EVENT_WORDS[action](details, mine, subject_email ?? 'a member');
  switch (actor) {
    case 'person':
      return mine ? what : `${what}, by ${actor_email ?? 'somebody whose account is gone'}`;
    case 'operator':
      return `${what}, by whoever runs this server`;
    case 'anonymous':
      return what;
  }
}
