import { inWords, inWordsOfOrg } from './event-in-words';

type Event = Parameters<typeof inWords>[0];

const ME = 'ada@example.com';
const event = (given: Partial<Event>): Event => ({
  id: '1',
  at: '2026-11-23T09:30:00.000Z',
  action: 'registered',
  actor: 'person',
  actor_email: ME,
  subject_email: ME,
  address: null,
  client: null,
  details: {},
  ...given,
});

describe('an event of the audit trail in words', () => {
  it.each<[Partial<Event>, string]>([
    [{}, 'Signed up'],
    [{ details: { invite_id: '1' } }, 'Signed up with an invite'],
    [{ action: 'signed_in', details: { by: 'password' } }, 'Signed in with the password'],
    [
      { action: 'signed_in', details: { by: 'device' } },
      'A login that you approved was picked up: a new session',
    ],
    [
      {
        action: 'sign_in_failed',
        actor: 'anonymous',
        actor_email: null,
        details: { reason: 'wrong_password' },
      },
      'A sign-in failed: the password was wrong',
    ],
    [
      { action: 'sign_in_failed', actor: 'anonymous', actor_email: null, details: { reason: 'deactivated' } },
      'A sign-in was refused: the account was deactivated',
    ],
    [{ action: 'session_revoked', details: { session_id: '1', by: 'sign_out' } }, 'Signed out'],
    [{ action: 'session_revoked', details: { session_id: '1' } }, 'Revoked a session'],
    [
      { action: 'org_deleted', details: { name: 'acme' } },
      'Left an organization as the last one, which deleted it: “acme”',
    ],
    [{ action: 'org_deleted', details: { name: 'acme', members: 3 } }, 'Deleted an organization: “acme”'],
    [
      { action: 'member_removed', subject_email: 'bob@example.com', details: { deleted_org: 'acme' } },
      'Deleted an organization that bob@example.com was in: “acme”',
    ],
    [
      { action: 'member_removed', actor_email: 'bob@example.com', details: { deleted_org: 'acme' } },
      'An organization that this account was in was deleted: “acme”, by bob@example.com',
    ],
    [{ action: 'password_changed' }, 'Changed the password; all other sessions revoked'],
    [
      { action: 'password_changed', actor: 'operator', actor_email: null },
      'The password was reset; all sessions revoked, by whoever runs this server',
    ],
    [
      {
        action: 'password_changed',
        actor: 'operator',
        actor_email: null,
        details: { proxy_tokens: 'revoked' },
      },
      'The password was reset; all sessions and proxy tokens revoked, by whoever runs this server',
    ],
    [{ action: 'provider_key_stored', details: { provider: 'openai' } }, 'Stored a key for OpenAI'],
    [
      {
        action: 'provider_key_replaced',
        details: { provider: 'anthropic', fingerprint: 'sk-ant-api03…wXyZ' },
      },
      'Replaced the key for Anthropic: sk-ant-api03…wXyZ',
    ],
    [
      { action: 'provider_key_removed', details: { provider: 'bedrock-eu' } },
      'Removed the key for bedrock-eu',
    ],
    [
      { action: 'org_provider_key_stored', details: { provider: 'gemini', fingerprint: 'AIzaSy…wXyZ' } },
      'Shared an organization’s key for Gemini: AIzaSy…wXyZ',
    ],
    [
      { action: 'org_personal_keys_changed', details: { personal_keys: 'forbidden' } },
      'Changed whether members of an organization use keys of their own: they use the shared ones only',
    ],
    [{ action: 'capture_enabled' }, 'Turned on that what the agents say is kept'],
    [{ action: 'redaction_disabled' }, 'Turned off that secrets are taken out of what is kept'],
    [{ action: 'secret_sent', details: { kind: 'github_token' } }, 'A GitHub token went to the model'],
    [{ action: 'secret_sent', details: { kind: 'of_tomorrow' } }, 'A secret went to the model'],
    [{ action: 'capture_disabled' }, 'Turned off that what the agents say is kept'],
    [{ action: 'trace_content_deleted', details: { trace: 'an id' } }, 'Deleted what was kept of a session'],
    [
      { action: 'trace_content_deleted', details: { traces: 3, before: '2026-11-01' } },
      'Deleted what was kept of 3 sessions',
    ],
    [
      {
        action: 'trace_content_read',
        actor_email: 'bob@example.com',
        details: { trace: 'an id', call: 'a call', reason: 'Incident 4711' },
      },
      'What was kept of a session of this account was read: “Incident 4711”, by bob@example.com',
    ],
    [
      {
        action: 'trace_content_read',
        subject_email: 'bob@example.com',
        details: { trace: 'an id', format: 'raw', reason: 'Incident 4711' },
      },
      'Exported what was kept of a session of bob@example.com: “Incident 4711”',
    ],
    [
      { action: 'org_capture_changed', details: { capture: 'required' } },
      'Changed whether an organization keeps what the agents of its members say: it always does',
    ],
    [
      { action: 'current_org_changed', details: { org: 'acme' } },
      'Went on to work in another organization: “acme”',
    ],
    [
      { action: 'proxy_token_created', details: { name: 'ci', org: 'acme' } },
      'Created a proxy token: “ci”, for “acme”',
    ],
    [{ action: 'proxy_token_revoked', details: { name: 'ci' } }, 'Revoked a proxy token: “ci”'],
    [
      { action: 'org_api_key_created', details: { name: 'build' } },
      'Created an organization’s API key: “build”',
    ],
    [
      { action: 'invite_created', details: { role: 'admin', email: 'grace@example.com' } },
      'Created an invite for grace@example.com, as admin',
    ],
    [
      { action: 'invite_created', details: { role: 'developer' } },
      'Created an invite for whoever has the code, as developer',
    ],
    [{ action: 'member_deactivated', subject_email: 'bob@example.com' }, 'Deactivated bob@example.com'],
    [{ action: 'member_removed', subject_email: null }, 'Removed a member from an organization'],
    [
      { action: 'member_deactivated', actor_email: 'bob@example.com' },
      'This account was deactivated, by bob@example.com',
    ],
    [
      { action: 'member_reactivated', actor_email: null },
      'This account was let in again, by somebody whose account is gone',
    ],
    [{ action: 'name_changed', details: { name: 'Ada' } }, 'Changed the name to “Ada”'],
    [{ action: 'name_changed' }, 'Took the name away'],
    [{ action: 'account_deletion_refused' }, 'The account was not deleted: the password was wrong'],
    [{ action: 'org_renamed', details: { name: 'Acme Inc.' } }, 'Renamed an organization to “Acme Inc.”'],
    [{ action: 'member_left', details: { role: 'admin' } }, 'Left an organization'],
    [
      { action: 'org_deleted', details: { name: 'acme' } },
      'Left an organization as the last one, which deleted it: “acme”',
    ],
    [
      { action: 'role_changed', subject_email: 'bob@example.com', details: { role: 'admin' } },
      'Changed the role of bob@example.com to admin',
    ],
    [
      { action: 'role_changed', actor_email: 'bob@example.com', details: { role: 'admin' } },
      'The role of this account was changed to admin, by bob@example.com',
    ],
    [
      { action: 'role_granted', actor: 'operator', actor_email: null, details: { role: 'owner' } },
      'A role was given to this account, as owner, by whoever runs this server',
    ],
  ])('%j', (given, words) => {
    expect(inWords(event(given), ME)).toBe(words);
  });

  it.each<[Partial<Event>, string]>([
    [
      { action: 'role_changed', subject_email: 'bob@example.com', details: { role: 'admin' } },
      'Changed the role of bob@example.com to admin',
    ],
    [
      { action: 'member_removed', subject_email: null },
      'Removed somebody whose account is gone from an organization',
    ],
  ])('tells owners and admins what was done, whoever did it: %j', (given, words) => {
    expect(inWordsOfOrg(event({ actor_email: 'eve@example.com', ...given }))).toBe(words);
  });
});
