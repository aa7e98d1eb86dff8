import { AnthropicKeyEntity } from '../src/credentials/anthropic-key.entity';
import { Person, TestApp } from './support/app';
import { ERROR_MODELS } from './support/fake-anthropic-api';

describe('errors at the proxy', () => {
  let app: TestApp;
  let person: Person;

  beforeAll(async () => {
    app = await TestApp.start();
    person = await app.signUp();
  });
  afterAll(() => app.close());

  async function post(token: string, body: unknown): Promise<Response> {
    return fetch(`${app.proxyUrl}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': token },
      body: JSON.stringify(body),
    });
  }

  it.each(Object.keys(ERROR_MODELS))('of the vendor come back identical: %s', async (model) => {
    const direct = await fetch(`${app.upstream.url}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': person.anthropicKey },
      body: JSON.stringify({ model }),
    });
    const proxied = await post(person.token, { model });
    const withoutId = (text: string): string => text.replaceAll(/req_fake_\w+/g, '');
    expect(proxied.status).toBe(direct.status);
    expect(withoutId(await proxied.text())).toBe(withoutId(await direct.text()));
    expect(proxied.headers.get('request-id')).toMatch(/^req_fake_/);
    expect(proxied.headers.get('retry-after')).toBe(direct.headers.get('retry-after'));
  });

  async function expectOwn500(response: Response): Promise<void> {
    expect(response.status).toBe(500);
    const body = (await response.json()) as { request_id: string };
    expect(body).toMatchObject({ type: 'error', error: { type: 'api_error' } });
    expect(body.request_id).toBe(response.headers.get('request-id'));
    expect(response.headers.get('content-type')).toBe('application/json');
    const failure = app.log
      .split('\n')
      .find((line) => line.includes('"A proxy request failed"') && line.includes(body.request_id));
    expect(JSON.parse(failure ?? '{}')).toMatchObject({
      level: 'error',
      err: { message: expect.stringMatching(/./) },
      fault: 'key_unreadable',
    });
  }

  it.each([
    '/v1/messages',
    '/v1/models?limit=1000',
    '/proxy/v1/messages',
    '/proxy',
    '/proxy/anthropic/v1/v1/messages',
  ])('say which base URL is right to an agent that calls %s, whatever its token', async (path) => {
    const before = app.upstream.requests.length;
    for (const token of [person.token, 'sk-ant-somebody']) {
      const response = await fetch(app.url + path, {
        method: 'POST',
        headers: { 'x-api-key': token },
        body: '{}',
      });
      expect([response.status, await response.json()]).toEqual([
        400,
        {
          type: 'error',
          error: {
            type: 'api_error',
            message: expect.stringContaining('http://127.0.0.1:3000/proxy/anthropic'),
          },
          request_id: response.headers.get('request-id'),
        },
      ]);
      expect(response.headers.get('x-should-retry')).toBe('false');
    }
    expect(app.upstream.requests).toHaveLength(before);
  });

  const rows = () => app.dataSource.getRepository(AnthropicKeyEntity);

  it('fail closed when a ciphertext was moved to another user', async () => {
    const [owner, thief] = [await app.signUp(), await app.signUp()];
    const row = await rows().findOneByOrFail({ userId: owner.userId });
    await rows().update({ userId: thief.userId }, { ciphertext: row.ciphertext, nonce: row.nonce });
    const before = app.upstream.requests.length;
    await expectOwn500(await post(thief.token, {}));
    expect(app.upstream.requests).toHaveLength(before);
  });

  it('fail closed when a bit of the ciphertext was flipped', async () => {
    const owner = await app.signUp();
    const row = await rows().findOneByOrFail({ userId: owner.userId });
    row.ciphertext[0]! ^= 1;
    await rows().update({ userId: owner.userId }, { ciphertext: row.ciphertext });
    await expectOwn500(await post(owner.token, {}));
  });

  it('name no content when the row asks for a master key that is not there', async () => {
    const owner = await app.signUp();
    await rows().update({ userId: owner.userId }, { keyId: '0123456789abcdef' });
    await expectOwn500(await post(owner.token, {}));
    expect(app.log).toContain('Master key 0123456789abcdef is not configured');
    expect(app.log).not.toContain(owner.anthropicKey);
  });

  it('say 500 when the store is unreachable', async () => {
    const lost = await TestApp.start();
    const owner = await lost.signUp();
    await lost.dataSource.destroy();
    const response = await fetch(`${lost.proxyUrl}/v1/messages`, { headers: { 'x-api-key': owner.token } });
    expect(response.status).toBe(500);
    expect(await response.json()).toMatchObject({
      error: { type: 'api_error', message: expect.stringContaining('store') },
    });
    await lost.close();
  });
});
