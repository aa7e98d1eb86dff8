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
  provider_key_stored: (details) => `Stored a key for ${provider(details)}${which(details)}`,
  provider_key_replaced: (details) => `Replaced the key for ${provider(details)}${which(details)}`,
  provider_key_removed: (details) => `Removed the key for ${provider(details)}`,
  proxy_token_created: ({ name, org }) =>
    `Created a proxy token${name === undefined ? '' : `: “${name}”`}${org === undefined ? '' : `, for “${org}”`}`,
  proxy_token_renamed: ({ name }) => `Renamed a proxy token${name === undefined ? '' : ` to “${name}”`}`,
  proxy_token_revoked: ({ name }) => `Revoked a proxy token${name === undefined ? '' : `: “${name}”`}`,
  current_org_changed: ({ org }) =>
    `Went on to work in another organization${org === undefined ? '' : `: “${org}”`}`,
  org_provider_key_stored: (details) =>
    `Shared an organization’s key for ${provider(details)}${which(details)}`,
  org_provider_key_replaced: (details) =>
    `Replaced an organization’s shared key for ${provider(details)}${which(details)}`,
  org_provider_key_removed: (details) => `Removed an organization’s shared key for ${provider(details)}`,
  org_limit_created: (details) => `Created a limit${limitOf(details)}`,
  org_limit_changed: (details) => `Changed a limit${limitOf(details)}`,
  org_limit_deleted: (details) => `Deleted a limit${limitOf(details)}`,
  org_personal_keys_changed: (details) =>
    `Changed whether members of an organization use keys of their own${policy(details)}`,
  org_capture_changed: (details) =>
    `Changed whether an organization keeps what the agents of its members say${capture(details)}`,
  org_renamed: ({ name }) => `Renamed an organization${name === undefined ? '' : ` to “${name}”`}`,
  org_deleted: ({ name, members }) =>
    `${members === undefined ? 'Left an organization as the last one, which deleted it' : 'Deleted an organization'}${name === undefined ? '' : `: “${name}”`}`,
  org_api_key_created: ({ name }) =>
    `Created an organization’s API key${name === undefined ? '' : `: “${name}”`}`,
  org_api_key_revoked: () => 'Revoked an organization’s API key',
  invite_created: ({ role, email }) => `Created an invite for ${email ?? 'whoever has the code'}${as(role)}`,
  invite_withdrawn: () => 'Withdrew an invite',
  invite_accepted: ({ role }) => `Joined an organization by invite${as(role)}`,
  member_deactivated: (_, mine, whom) => (mine ? `Deactivated ${whom}` : 'This account was deactivated'),
  member_reactivated: (_, mine, whom) => (mine ? `Let ${whom} in again` : 'This account was let in again'),
  member_removed: ({ deleted_org }, mine, whom) => {
    if (deleted_org !== undefined)
      return `${mine ? `Deleted an organization that ${whom} was in` : 'An organization that this account was in was deleted'}: “${deleted_org}”`;
    return mine ? `Removed ${whom} from an organization` : 'This account was removed from an organization';
  },
  member_left: () => 'Left an organization',
  role_changed: ({ role }, mine, whom) =>
    mine ? `Changed the role of ${whom}${to(role)}` : `The role of this account was changed${to(role)}`,
  role_granted: ({ role }, mine) => `${mine ? 'Gave a role' : 'A role was given to this account'}${as(role)}`,
  master_key_rotated: () => 'The server’s master key was rotated',
  capture_enabled: () => 'Turned on that what the agents say is kept',
  capture_disabled: () => 'Turned off that what the agents say is kept',
  redaction_enabled: () => 'Turned on that secrets are taken out of what is kept',
  redaction_disabled: () => 'Turned off that secrets are taken out of what is kept',
  secret_sent: ({ kind }) => `${SECRETS[kind ?? ''] ?? 'A secret'} went to the model`,
  trace_content_deleted: ({ traces }) =>
    `Deleted what was kept of ${traces === undefined || traces === 1 ? 'a session' : `${traces} sessions`}`,
  trace_content_read: ({ format, reason }, mine, whom) => {
    const did = format === undefined ? ['Read', 'read'] : ['Exported', 'exported'];
    const why = reason === undefined ? '' : `: “${reason}”`;
    return mine
      ? `${did[0]} what was kept of a session of ${whom}${why}`
      : `What was kept of a session of this account was ${did[1]}${why}`;
  },
  calls_repriced: ({ from, to }) =>
    `The cost of stored calls was computed again${from === undefined ? '' : `, from ${from} to ${to ?? from}`}`,
};

/** What each kind of secret is called; test/web-audit-words compares them with the server's list. */
export const SECRETS: Readonly<Record<string, string>> = {
  anthropic_key: 'An Anthropic API key',
  openai_key: 'An OpenAI API key',
  openrouter_key: 'An OpenRouter API key',
  google_key: 'A Google API key',
  api_key: 'An API key',
  tracevault_token: 'A TraceVault token',
  github_token: 'A GitHub token',
  gitlab_token: 'A GitLab token',
  npm_token: 'An npm token',
  slack_token: 'A Slack token',
  stripe_key: 'A Stripe key',
  aws_access_key: 'The id of an AWS access key',
  aws_secret_key: 'An AWS secret key',
  private_key: 'A private key',
  json_web_token: 'A JSON Web Token',
  url_password: 'A password in an address',
};

/** The names of the known providers; an operator's own goes by its id. */
const PROVIDERS: Readonly<Record<string, string>> = {
  anthropic: 'Anthropic',
  openai: 'OpenAI',
  gemini: 'Gemini',
  openrouter: 'OpenRouter',
};

const provider = ({ provider: id = 'a provider' }: Event['details']): string => PROVIDERS[id] ?? String(id);

const POLICIES: Readonly<Record<string, string>> = {
  allowed: 'they may',
  required: 'they must',
  forbidden: 'they use the shared ones only',
};

const SCOPES: Readonly<Record<string, string>> = {
  organization: 'the whole organization',
  everyone: 'everyone',
  member: 'a member',
  token: 'a proxy token',
};

const limitOf = ({ scope, amount_usd, period, models, ...rates }: Event['details']): string => {
  const whom = scope === undefined ? '' : ` for ${SCOPES[scope] ?? scope}`;
  if (amount_usd !== undefined)
    return `${whom}: ${amount_usd === 'unlimited' ? 'unlimited' : `$${amount_usd}`} a ${period ?? ''}`;
  if (models !== undefined) return `${whom}: models ${models}`;
  const { requests_per_minute: requests, tokens_per_minute: tokens } = rates;
  const numbers = [requests && `${requests} requests`, tokens && `${tokens} tokens`].filter(Boolean);
  return numbers.length === 0 ? whom : `${whom}: ${numbers.join(' and ')} a minute`;
};

const policy = ({ personal_keys }: Event['details']): string =>
  personal_keys === undefined ? '' : `: ${POLICIES[personal_keys] ?? personal_keys}`;

const CAPTURES: Readonly<Record<string, string>> = {
  off: 'it never does',
  members_choose: 'they choose',
  required: 'it always does',
};

const capture = ({ capture: chosen }: Event['details']): string =>
  chosen === undefined ? '' : `: ${CAPTURES[chosen] ?? chosen}`;

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

/** Describes an event for the owners and admins of the organization in which it happened; who did it is said beside it. */
export function inWordsOfOrg({ action, subject_email, details }: Event): string {
  return EVENT_WORDS[action](details, true, subject_email ?? 'somebody whose account is gone');
}
