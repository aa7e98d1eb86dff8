import { ProviderKeyEntity } from '../src/credentials/provider-key.entity';
import { Person, TestApp } from './support/app';
import { newMember, toldOf } from './support/people';
import { useTwoProviders } from './support/two-providers';

interface Key {
  readonly provider: string;
  readonly label: string;
  readonly configured: boolean;
  readonly fingerprint: string | null;
  readonly last_use: { status: number } | null;
  readonly in_use: string | null;
  readonly reason: string | null;
  readonly organization?: { name: string; personal_keys: string };
}

const ANTHROPIC_KEY = 'sk-ant-api03-0123456789abcdef-wXyZ';
const ACME_KEY = 'AIza-acme-0123456789abcdef-wXyZ';

const keysOf = async (app: TestApp, { token }: Person, path = 'me/keys'): Promise<Record<string, Key>> => {
  const keys = (await (await app.api('GET', path, { token })).json()) as Key[];
  return Object.fromEntries(keys.map((key) => [key.provider, key]));
};

describe('the keys of a person', () => {
  const { app, acme } = useTwoProviders();
  let ada: Person;
  const put = (provider: string, key: unknown, { token } = ada) =>
    app.api('PUT', `me/keys/${provider}`, { token, body: { key } });
  const call = (provider: string, { token } = ada) =>
    fetch(`${app.url}/proxy/${provider}/v1/models`, { headers: { authorization: `Bearer ${token}` } });

  beforeEach(async () => {
    ada = await app.signUp(null);
  });

  it('are listed for each provider, and never shown', async () => {
    expect((await put('acme', ACME_KEY)).status).toBe(204);
    const { anthropic, acme: stored } = await keysOf(app, ada);
    expect(anthropic).toEqual({
      provider: 'anthropic',
      label: 'Anthropic',
      configured: false,
      configured_at: null,
      fingerprint: null,
      last_use: null,
      in_use: null,
      reason: 'no_key',
      organization: { name: ada.org, display_name: expect.any(String), personal_keys: 'allowed' },
    });
    expect(stored).toMatchObject({
      configured: true,
      fingerprint: 'AIza-acme-01…wXyZ',
      in_use: 'own',
      reason: null,
    });
    expect(JSON.stringify(await keysOf(app, ada))).not.toContain(ACME_KEY);
  });

  it('go each to its provider, and to no other', async () => {
    await put('anthropic', ANTHROPIC_KEY);
    await put('acme', ACME_KEY);
    expect([(await call('anthropic')).status, (await call('acme')).status]).toEqual([200, 401]);
    expect(app.upstream.last.headers).toMatchObject({ 'x-api-key': ANTHROPIC_KEY });
    expect(acme().last.headers).toMatchObject({ authorization: `Bearer ${ACME_KEY}` });
    expect(JSON.stringify(acme().last.rawHeaders)).not.toContain(ANTHROPIC_KEY);
    const { anthropic, acme: other } = await keysOf(app, ada);
    expect([anthropic?.last_use?.status, other?.last_use?.status]).toEqual([200, 401]);
    expect(await app.requestLine('/proxy/acme/')).toMatchObject({ key_source: 'own' });
  });

  it('can be replaced and removed one by one, and the trail says which', async () => {
    await put('anthropic', ANTHROPIC_KEY);
    await put('acme', ACME_KEY);
    await put('acme', `${ACME_KEY}2`);
    await app.api('DELETE', 'me/keys/acme', { token: ada.token });
    expect((await app.api('DELETE', 'me/keys/acme', { token: ada.token })).status).toBe(204);
    expect([(await call('anthropic')).status, (await call('acme')).status]).toEqual([200, 401]);
    const trail = (await (await app.api('GET', 'me/audit-events', { token: ada.token })).json()) as {
      action: string;
      details: { provider?: string };
    }[];
    expect(trail.map(({ action, details }) => [action, details.provider])).toEqual([
      ['provider_key_removed', 'acme'],
      ['provider_key_replaced', 'acme'],
      ['provider_key_stored', 'acme'],
      ['provider_key_stored', 'anthropic'],
      ['registered', undefined],
    ]);
  });

  it('have Anthropic’s by its other name', async () => {
    const body = { key: ANTHROPIC_KEY };
    expect((await app.api('PUT', 'me/anthropic-key', { token: ada.token, body })).status).toBe(204);
    expect((await keysOf(app, ada)).anthropic).toMatchObject({ configured: true });
    await app.api('DELETE', 'me/keys/anthropic', { token: ada.token });
    const status = await app.api('GET', 'me/anthropic-key', { token: ada.token });
    expect(await status.json()).toMatchObject({ configured: false });
  });

  it.each([
    ['acme', ANTHROPIC_KEY, 400, 'other_providers_key', 'looks like an Anthropic key'],
    ['anthropic', ACME_KEY, 400, 'other_providers_key', 'Store it for Acme (acme).'],
    ['acme', 'nonsense', 400, 'invalid_key', 'key must begin with AIza-acme-'],
    ['acme', 7, 400, 'invalid_type', 'your Acme API key'],
    ['acme', undefined, 400, 'required', 'your Acme API key'],
    ['acme', `${ACME_KEY}${'x'.repeat(64)}`, 400, 'too_long', 'at most 64 characters'],
    ['no-such', ACME_KEY, 404, 'provider_not_found', 'It has: anthropic, acme.'],
  ])('for %s refuse %s with %i %s', async (provider, key, status, code, words) => {
    const response = await put(provider, key);
    const text = await response.text();
    expect([response.status, JSON.parse(text)]).toEqual([
      status,
      expect.objectContaining({ errors: [expect.objectContaining({ code })] }),
    ]);
    expect(text).toContain(words);
    if (typeof key === 'string') expect(text).not.toContain(key);
    expect(await app.dataSource.getRepository(ProviderKeyEntity).countBy({ userId: ada.userId })).toBe(0);
  });

  it('are checked by their provider when that is asked for', async () => {
    acme().answerWith((_, response) => void response.writeHead(418).end());
    const path = 'me/keys/acme?check=true';
    const refused = await app.api('PUT', path, { token: ada.token, body: { key: ACME_KEY } });
    expect([refused.status, await refused.text()]).toEqual([
      422,
      expect.stringContaining('Acme refused this key'),
    ]);
    acme().answerWith((_, response) => void response.writeHead(200).end('ok'));
    const stored = await app.api('PUT', path, { token: ada.token, body: { key: ACME_KEY } });
    expect([stored.status, await stored.json()]).toEqual([
      200,
      { status: 'works', fingerprint: 'AIza-acme-01…wXyZ' },
    ]);
    expect(acme().last).toMatchObject({
      target: '/v2/whoami',
      headers: { authorization: `Bearer ${ACME_KEY}` },
    });
    acme().answerWithDefault();
  });

  it('do not open in the row of another person, another provider or an organization', async () => {
    await put('acme', ACME_KEY);
    const eve = await app.signUp(null);
    await put('acme', `${ACME_KEY}-eve`, eve);
    const rows = app.dataSource.getRepository(ProviderKeyEntity);
    const stolen = await rows.findOneByOrFail({ userId: ada.userId });
    const { ciphertext, nonce, masterKeyId, format } = stolen;
    const moved = { ciphertext, nonce, masterKeyId };
    await rows.update({ userId: eve.userId }, moved);
    const [{ id: orgId }] = await app.dataSource.query<[{ id: string }]>(
      'SELECT id FROM orgs WHERE name = $1',
      [ada.org],
    );
    await rows.insert({ ...moved, format, orgId, userId: null, provider: 'acme', fingerprint: null });
    await rows.insert({
      ...moved,
      format,
      orgId: null,
      userId: eve.userId,
      provider: 'anthropic',
      fingerprint: null,
    });
    await app.dataSource.query('UPDATE provider_keys SET format = 1 WHERE user_id = $1 AND provider = $2', [
      eve.userId,
      'anthropic',
    ]);
    app.invalidateAuthCache();
    expect((await call('acme', eve)).status).toBe(500);
    expect((await call('anthropic', eve)).status).toBe(500);
    expect((await call('acme')).status).not.toBe(500);
    await app.api('PATCH', `orgs/${ada.org}`, { token: ada.token, body: { personal_keys: 'forbidden' } });
    expect((await call('acme')).status).toBe(500);
    expect(app.log).not.toContain(ACME_KEY);
  });
});

describe('the keys of an organization', () => {
  const { app, acme } = useTwoProviders();
  let owner: Person;
  let member: Person;
  const put = (provider: string, key: string, { token } = owner) =>
    app.api('PUT', `orgs/${owner.org}/keys/${provider}`, { token, body: { key } });
  const policy = (personal_keys: unknown, { token } = owner) =>
    app.api('PATCH', `orgs/${owner.org}`, { token, body: { personal_keys } });
  const call = (provider: string, { token }: { token: string }) =>
    fetch(`${app.url}/proxy/${provider}/v1/models`, { headers: { authorization: `Bearer ${token}` } });
  const refusal = async (response: Response): Promise<[number, string]> => [
    response.status,
    ((await response.json()) as { error: { message: string } }).error.message,
  ];

  beforeEach(async () => {
    owner = await app.signUp(null);
    member = await newMember(app, owner.org, 'developer');
    member = { ...member };
    await app.api('DELETE', 'me/keys/anthropic', { token: member.token });
  });

  it('serve members who have none, of which the log and their page speak, and audit events are written', async () => {
    expect((await call('acme', member)).status).toBe(401);
    expect((await put('acme', ACME_KEY)).status).toBe(204);
    await call('acme', member);
    expect(acme().last.headers).toMatchObject({ authorization: `Bearer ${ACME_KEY}` });
    expect((await keysOf(app, member)).acme).toMatchObject({
      configured: false,
      in_use: 'organization',
      organization: { name: owner.org },
    });
    const listed = (await keysOf(app, owner, `orgs/${owner.org}/keys`)).acme;
    expect(listed).toMatchObject({
      configured: true,
      fingerprint: 'AIza-acme-01…wXyZ',
      last_use: { status: 401 },
    });
    const lines = app.log.split('\n').filter((line) => line.includes(`"user_id":"${member.userId}"`));
    expect(lines.join()).toContain('"key_source":"organization"');
    expect((await app.api('DELETE', `orgs/${owner.org}/keys/acme`, { token: owner.token })).status).toBe(204);
    expect((await call('acme', member)).status).toBe(401);
    expect(toldOf(app, 'org_provider_key_stored')).toHaveLength(1);
    expect(toldOf(app, 'org_provider_key_removed')).toHaveLength(1);
    expect(app.log).not.toContain(ACME_KEY);
  });

  it('step back behind a member’s own', async () => {
    await put('anthropic', ANTHROPIC_KEY);
    await app.storeKey(member.token, 'sk-ant-own-key');
    await call('anthropic', member);
    expect(app.upstream.last.headers['x-api-key']).toBe('sk-ant-own-key');
  });

  it('are the only ones where personal keys are forbidden', async () => {
    await app.storeKey(member.token, 'sk-ant-own-key');
    expect((await policy('forbidden')).status).toBe(200);
    const [status, message] = await refusal(await call('anthropic', member));
    expect(status).toBe(401);
    expect(message).toContain(`has its members use its shared keys only, and it has none for Anthropic`);
    expect((await keysOf(app, member)).anthropic).toMatchObject({
      in_use: null,
      reason: 'no_organization_key',
    });
    await put('anthropic', ANTHROPIC_KEY);
    await call('anthropic', member);
    expect(app.upstream.last.headers['x-api-key']).toBe(ANTHROPIC_KEY);
    await policy('allowed');
    await call('anthropic', member);
    expect(app.upstream.last.headers['x-api-key']).toBe('sk-ant-own-key');
    expect(toldOf(app, 'org_personal_keys_changed')).toHaveLength(2);
  });

  it('serve nobody where personal keys are required', async () => {
    await put('anthropic', ANTHROPIC_KEY);
    await policy('required');
    const [status, message] = await refusal(await call('anthropic', member));
    expect(status).toBe(401);
    expect(message).toContain('has its members use keys of their own, and you have no Anthropic key stored');
    expect((await keysOf(app, member)).anthropic).toMatchObject({ in_use: null, reason: 'own_key_required' });
    await app.storeKey(member.token, 'sk-ant-own-key');
    expect((await call('anthropic', member)).status).toBe(200);
  });

  it('are for its owners and admins to see and change, and the policy too', async () => {
    for (const [method, path, body] of [
      ['GET', 'keys', undefined],
      ['PUT', 'keys/acme', { key: ACME_KEY }],
      ['DELETE', 'keys/acme', undefined],
    ] as const) {
      const response = await app.api(method, `orgs/${owner.org}/${path}`, { token: member.token, body });
      expect(response.status).toBe(403);
    }
    expect((await policy('forbidden', member)).status).toBe(403);
    const stranger = await app.signUp(null);
    expect((await put('acme', ACME_KEY, stranger)).status).toBe(404);
  });

  it.each([
    [{ personal_keys: 'sometimes' }, 'not_allowed'],
    [{ personal_keys: null }, 'required'],
    [{}, 'required'],
  ])('have a policy that can’t be %o', async (body, code) => {
    const response = await app.api('PATCH', `orgs/${owner.org}`, { token: owner.token, body });
    expect([response.status, await response.json()]).toEqual([
      400,
      expect.objectContaining({ errors: [expect.objectContaining({ code })] }),
    ]);
  });
});
