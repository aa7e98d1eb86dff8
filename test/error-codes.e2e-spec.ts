import { randomUUID } from 'node:crypto';
import { ERROR_CODES, ErrorCode } from '../src/api/error-codes';
import { Person, useApp } from './support/app';
import { listedCodes } from './support/listed-errors';
import { newMember } from './support/people';

interface ErrorItem {
  field?: string;
  code: ErrorCode;
  message: string;
}
type Call = [method: string, path: string, body?: object];

const ID = randomUUID();
const INVITE = `tvi_${'0'.repeat(64)}`;

describe('an error of the API', () => {
  const app = useApp();
  let ada: Person;

  beforeAll(async () => {
    ada = await app.signUp();
  });

  async function refused([method, path, body]: Call, token?: string) {
    const response = await app.api(method, path, { ...(token !== undefined && { token }), body });
    const refusal = (await response.json()) as {
      statusCode: number;
      message: string | string[];
      errors: ErrorItem[];
    };
    expect(refusal.statusCode).toBe(response.status);
    for (const { code } of refusal.errors)
      expect([code, ERROR_CODES[code].status]).toEqual([code, response.status]);
    return refusal;
  }
  const inShort = ({ errors }: { errors: ErrorItem[] }) =>
    errors.map(({ field, code }) => (field === undefined ? code : `${field}: ${code}`));

  it('names each field that is wrong with a code, in the words of the message', async () => {
    const { message, errors } = await refused([
      'POST',
      'auth/register',
      { email: 'nobody', password: 'short', name: 'a\u200bb', org_name: '\u00fc', color: 'red' },
    ]);
    expect(errors).toEqual([
      { field: 'color', code: 'unknown_field', message: 'property color should not exist' },
      { field: 'email', code: 'invalid_email', message: 'email must be an email' },
      { field: 'password', code: 'too_short', message: 'password must have 10 to 128 characters' },
      { field: 'name', code: 'invalid_characters', message: expect.stringContaining('name must not hold') },
    ]);
    expect(message).toEqual(errors.map((error) => error.message));
  });

  it.each<[string, Call, string[]]>([
    ['a field that is missing', ['POST', 'auth/login', { email: 'a@example.com' }], ['password: required']],
    ['null', ['POST', 'auth/device/approve', { user_code: 'BCDF-GHJK', action: null }], ['action: required']],
    ['another type', ['POST', 'orgs/ORG/api-keys', { name: 7 }], ['name: invalid_type']],
    ['a long text', ['POST', 'orgs/ORG/api-keys', { name: 'x'.repeat(101) }], ['name: too_long']],
    ['nothing but whitespace', ['POST', 'orgs/ORG/api-keys', { name: '  ' }], ['name: too_short']],
    ['a text that nobody sees', ['POST', 'orgs/ORG/api-keys', { name: '\u3164' }], ['name: blank']],
    [
      'a name without letters',
      [
        'POST',
        'auth/register',
        { email: 'b@example.com', password: 'a long enough one', org_name: '\u4e2d' },
      ],
      ['org_name: no_letter_or_digit'],
    ],
    [
      'a common password',
      ['PUT', 'auth/password', { current_password: 'x', new_password: '1234567890' }],
      ['new_password: common_password'],
    ],
    [
      'a small number',
      ['POST', 'me/proxy-tokens', { name: 'a', expires_in_days: 0 }],
      ['expires_in_days: too_small'],
    ],
    [
      'a number that is none',
      ['POST', 'me/proxy-tokens', { name: 'a', expires_in_days: 'x' }],
      ['expires_in_days: invalid_type'],
    ],
    ['a large number', ['GET', 'me/audit-events?limit=1000'], ['limit: too_large']],
    ['another value', ['POST', 'orgs/ORG/invites', { role: 'king' }], ['role: not_allowed']],
    [
      'a hidden character in an email',
      ['POST', 'orgs/ORG/invites', { role: 'developer', email: 'a\u200b@example.com' }],
      ['email: invalid_characters'],
    ],
    ['no id in the path', ['DELETE', 'me/proxy-tokens/7'], ['id: invalid_id']],
    ['no id in the query', ['GET', 'me/audit-events?before=7'], ['before: invalid_id']],
    ['an id that is not there', ['GET', `me/audit-events?before=${ID}`], ['before: unknown_event']],
    ['an empty key', ['PUT', 'me/anthropic-key', { key: '' }], ['key: required']],
    ['another key', ['PUT', 'me/anthropic-key', { key: 'sk-proj-1' }], ['key: invalid_key']],
    ['an admin key', ['PUT', 'me/anthropic-key', { key: 'sk-ant-admin01-x' }], ['key: admin_key']],
    ['a subscription', ['PUT', 'me/anthropic-key', { key: 'sk-ant-oat01-x' }], ['key: subscription_token']],
    ['two keys', ['PUT', 'me/anthropic-key', { key: 'sk-ant-a sk-ant-b' }], ['key: invalid_characters']],
    [
      'an organization and an invite',
      [
        'POST',
        'auth/register',
        { email: 'b@example.com', password: 'a long enough one', org_name: 'b', invite: INVITE },
      ],
      ['org_name: conflicting_field'],
    ],
    [
      'neither',
      ['POST', 'auth/register', { email: 'b@example.com', password: 'a long enough one' }],
      ['org_name: required'],
    ],
    ['a field that every object has', ['POST', 'auth/login', { toString: 1 }], ['invalid_body']],
    ['a query of another kind', ['GET', 'me/audit-events?toString=1'], ['invalid_query']],
  ])('has a code for %s', async (_, [method, path, body], errors) => {
    const call: Call = [method, path.replace('ORG', ada.org), body];
    expect(inShort(await refused(call, ada.token))).toEqual(errors);
  });

  it.each<[string, Call, string]>([
    [
      'a wrong password',
      ['POST', 'auth/login', { email: 'a@example.com', password: 'b' }],
      'wrong_credentials',
    ],
    [
      'a wrong current password',
      ['PUT', 'auth/password', { current_password: 'x', new_password: 'a long enough one' }],
      'current_password: wrong_password',
    ],
    [
      'the same at leaving',
      ['POST', 'auth/me/delete', { current_password: 'x' }],
      'current_password: wrong_password',
    ],
    [
      'an email that is taken',
      ['POST', 'auth/register', { email: 'EMAIL', password: 'a long enough one', org_name: 'b' }],
      'email: email_taken',
    ],
    [
      'a name that is taken',
      ['POST', 'auth/register', { email: 'c@example.com', password: 'a long enough one', org_name: 'ORG' }],
      'org_name: org_name_taken',
    ],
    ['an unknown invite', ['POST', 'invites/accept', { invite: INVITE }], 'invite: invalid_invite'],
    ['no such organization', ['DELETE', 'orgs/nowhere/members/me'], 'org_not_found'],
    ['oneself', ['POST', 'orgs/ORG/members/ME/deactivate'], 'own_membership'],
    ['no such member', ['DELETE', `orgs/ORG/members/${ID}`], 'member_not_found'],
    ['no such invite', ['DELETE', `orgs/ORG/invites/${ID}`], 'invite_not_found'],
    ['no such API key', ['DELETE', `orgs/ORG/api-keys/${ID}`], 'api_key_not_found'],
    ['no such session', ['DELETE', `auth/sessions/${ID}`], 'session_not_found'],
    ['no such token', ['PATCH', `me/proxy-tokens/${ID}`, { name: 'a' }], 'proxy_token_not_found'],
    [
      'no such device',
      ['POST', 'auth/device/preview', { user_code: 'BCDF-GHJK' }],
      'user_code: device_login_not_found',
    ],
    ['no such endpoint', ['GET', 'nowhere'], 'not_found'],
  ])('has a code for %s', async (_, [method, path, body], error) => {
    const filled = (text: string) =>
      text.replaceAll('ORG', ada.org).replaceAll('EMAIL', ada.email).replaceAll('ME', ada.userId);
    const call: Call = [method, filled(path), body && (JSON.parse(filled(JSON.stringify(body))) as object)];
    expect(inShort(await refused(call, ada.token))).toEqual([error]);
  });

  it.each<[string, string | undefined, string]>([
    ['no token', undefined, 'missing_token'],
    ['an unknown token', `tvs_${'0'.repeat(64)}`, 'invalid_token'],
    ['half a token', 'tvs_1 2', 'authorization: malformed_bearer'],
  ])('has a code for %s', async (_, token, error) => {
    expect(inShort(await refused(['GET', 'auth/sessions'], token))).toEqual([error]);
  });

  it('has a code for a proxy token', async () => {
    const created = await app.api('POST', 'me/proxy-tokens', { token: ada.token, body: { name: 'agent' } });
    const { token } = (await created.json()) as { token: string };
    expect(inShort(await refused(['GET', 'auth/sessions'], token))).toEqual(['proxy_token_refused']);
  });

  it('has a code for a role that does not do', async () => {
    const member = await newMember(app, ada.org, 'developer');
    const call: Call = ['GET', `orgs/${ada.org}/members`];
    expect(inShort(await refused(call, member.token))).toEqual(['insufficient_role']);
  });

  it('leaves the words of OAuth to the two endpoints that OAuth’s clients call', async () => {
    const response = await app.api('POST', 'auth/device/token', { body: { device_code: 'a' } });
    expect(await response.json()).toEqual({
      statusCode: 400,
      error: 'invalid_grant',
      message: expect.any(String),
    });
  });

  it('is documented at each endpoint with its codes, and every code at some endpoint', () => {
    const { document } = app;
    expect(document.components!.schemas!.ErrorCode).toMatchObject({ enum: Object.keys(ERROR_CODES) });
    const met = new Set<string>();
    for (const [path, item] of Object.entries(document.paths)) {
      if (!path.startsWith('/api/')) continue;
      for (const operation of Object.values(item) as { responses: Record<string, object> }[])
        for (const [status, response] of Object.entries(operation.responses)) {
          if (Number(status) < 400) continue;
          const codes = listedCodes(document, response);
          expect([path, status, codes]).toEqual([path, status, expect.arrayContaining([expect.any(String)])]);
          for (const code of codes) {
            expect([code, String(ERROR_CODES[code as ErrorCode].status)]).toEqual([code, status]);
            met.add(code);
          }
        }
    }
    met.add('not_found'); // of what is no endpoint
    expect([...met].sort()).toEqual(Object.keys(ERROR_CODES).sort());
  });

  it.each(['authorize', 'token', 'preview'])(
    'is documented for a body that can’t be taken by device/%s',
    (endpoint) => {
      const { responses } = app.document.paths[`/api/v1/auth/device/${endpoint}`]!.post!;
      expect(Object.keys(responses)).toEqual(expect.arrayContaining(['413', '415', '429', '500', '503']));
    },
  );
});
