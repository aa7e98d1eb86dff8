import { ProviderKeyEntity } from '../src/credentials/provider-key.entity';
import { Person, useApp } from './support/app';

describe('my Anthropic key', () => {
  const app = useApp();
  let person: Person;

  beforeAll(async () => {});
  beforeEach(async () => {
    person = await app.signUp(null);
  });

  const status = async (): Promise<unknown> =>
    (await app.api('GET', 'me/anthropic-key', { token: person.token })).json();
  const put = (body: unknown): Promise<Response> =>
    app.api('PUT', 'me/anthropic-key', { token: person.token, body });

  it('is not configured at first', async () => {
    expect(await status()).toEqual({
      configured: false,
      fingerprint: null,
      configured_at: null,
      last_use: null,
    });
  });

  it('is stored, and no more than its fingerprint is ever shown', async () => {
    const response = await put({ key: 'sk-ant-api03-secret' });
    expect([response.status, await response.text()]).toEqual([204, '']);
    expect(await status()).toEqual({
      configured: true,
      fingerprint: 'sk-ant-…',
      configured_at: expect.stringMatching(/^\d{4}-.*Z$/),
      last_use: null,
    });
  });

  it('is replaced by the next one, and the time with it', async () => {
    await put({ key: 'sk-ant-one' });
    const first = (await status()) as { configured_at: string };
    await put({ key: 'sk-ant-two' });
    const second = (await status()) as { configured_at: string };
    expect(Date.parse(second.configured_at)).toBeGreaterThan(Date.parse(first.configured_at));
    expect(await app.dataSource.getRepository(ProviderKeyEntity).countBy({ userId: person.userId })).toBe(1);
  });

  it('is removed, and removing it again is no error', async () => {
    await put({ key: 'sk-ant-one' });
    for (let time = 0; time < 2; time++) {
      expect((await app.api('DELETE', 'me/anthropic-key', { token: person.token })).status).toBe(204);
    }
    expect(await status()).toEqual({
      configured: false,
      fingerprint: null,
      configured_at: null,
      last_use: null,
    });
  });

  it('is trimmed before it is judged and stored', async () => {
    expect((await put({ key: ` \n sk-ant-${'x'.repeat(249)} \t` })).status).toBe(204);
    await fetch(`${app.proxyUrl}/v1/models`, { headers: { 'x-api-key': person.token } });
    expect(app.upstream.last.headers['x-api-key']).toBe(`sk-ant-${'x'.repeat(249)}`);
  });

  it('is stored as ciphertext with a fresh nonce each time', async () => {
    const rows = app.dataSource.getRepository(ProviderKeyEntity);
    await put({ key: 'sk-ant-same' });
    const first = await rows.findOneByOrFail({ userId: person.userId });
    await put({ key: 'sk-ant-same' });
    const second = await rows.findOneByOrFail({ userId: person.userId });
    expect(first.nonce).toHaveLength(12);
    expect(Buffer.compare(first.nonce, second.nonce)).not.toBe(0);
    expect(first.ciphertext).toHaveLength('sk-ant-same'.length + 16);
    expect(first.ciphertext.includes('sk-ant')).toBe(false);
    expect(first.masterKeyId).toMatch(/^[0-9a-f]{16}$/);
  });

  it.each<[string, unknown, RegExp]>([
    ['nothing', {}, /key must be/],
    ['an empty one', { key: '' }, /key must be/],
    ['null', { key: null }, /key must be/],
    ['a number', { key: 5 }, /key must be/],
    ['a list', { key: ['sk-ant-list-SECRET'] }, /key must be/],
    ['another vendor’s', { key: 'sk-proj-SECRET' }, /must begin with sk-ant-/],
    ['one in other case', { key: 'SK-ANT-SECRET' }, /must begin with sk-ant-/],
    ['the beginning alone', { key: 'sk-ant-' }, /go on after/],
    ['257 characters', { key: `sk-ant-SECRET${'x'.repeat(244)}` }, /at most 256/],
    ['a space inside', { key: 'sk-ant-SECRET x' }, /without spaces/],
    ['a line break inside', { key: 'sk-ant-SECRET\nx-evil: 1' }, /without spaces/],
    ['a letter beyond ASCII', { key: 'sk-ant-SECRETé' }, /printable ASCII/],
    ['a null byte', { key: 'sk-ant-SECRET\0x' }, /printable ASCII/],
    ['an unknown field', { key: 'sk-ant-SECRET', name: 'x' }, /name should not exist/],
  ])('refuses %s, says why, echoes nothing, and keeps what was stored', async (_name, body, message) => {
    await put({ key: 'sk-ant-kept' });
    const response = await put(body);
    const text = await response.text();
    expect(response.status).toBe(400);
    expect(JSON.parse(text)).toEqual({
      statusCode: 400,
      error: 'Bad Request',
      message: [expect.stringMatching(message)],
      errors: [
        { field: expect.any(String), code: expect.any(String), message: expect.stringMatching(message) },
      ],
    });
    expect(text).not.toContain('SECRET');
    expect(app.log).not.toContain('SECRET');
    await fetch(`${app.proxyUrl}/v1/models`, { headers: { 'x-api-key': person.token } });
    expect(app.upstream.last.headers['x-api-key']).toBe('sk-ant-kept');
  });

  it.each(['GET', 'PUT', 'DELETE'])('is for signed-in people: %s without a token is 401', async (method) => {
    const response = await app.api(
      method,
      'me/anthropic-key',
      method === 'PUT' ? { body: { key: 'sk-ant-x' } } : {},
    );
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({
      statusCode: 401,
      error: 'Unauthorized',
      message: expect.stringContaining('auth/login'),
    });
  });
});
