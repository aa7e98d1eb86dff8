import { ProviderKeyEntity } from '../src/credentials/provider-key.entity';
import { Person, TestApp, useApp } from './support/app';
import { ERROR_MODELS } from './support/fake-anthropic-api';
import { PROVIDERS_UNDER_TEST } from './support/providers';

describe.each(PROVIDERS_UNDER_TEST)('errors at the proxy to $name', (row) => {
  const { provider, paths, requestIdHeader, envelope } = row;
  const app = useApp({ provider });
  let person: Person;

  beforeAll(async () => {
    person = await app.signUp();
  });

  const asWith = (token: string): Record<string, string> => Object.fromEntries([row.tokenHeader(token)]);

  async function post(token: string, body: unknown): Promise<Response> {
    return fetch(app.proxyUrl + paths.message, {
      method: 'POST',
      headers: asWith(token),
      body: JSON.stringify(body),
    });
  }

  it.each(Object.keys(ERROR_MODELS))('of the vendor come back identical: %s', async (model) => {
    const direct = await fetch(app.upstream.url + paths.message, {
      method: 'POST',
      headers: Object.fromEntries([row.keyHeader(person.apiKey)]),
      body: JSON.stringify({ model }),
    });
    const proxied = await post(person.token, { model });
    const withoutId = (text: string): string => text.replaceAll(/req_fake_\w+/g, '');
    expect(proxied.status).toBe(direct.status);
    expect(withoutId(await proxied.text())).toBe(withoutId(await direct.text()));
    expect(proxied.headers.get(requestIdHeader)).toMatch(/^req_fake_/);
    expect(proxied.headers.get('retry-after')).toBe(direct.headers.get('retry-after'));
  });

  async function expectOwn500(response: Response): Promise<void> {
    expect(response.status).toBe(500);
    const requestId = response.headers.get(requestIdHeader) ?? '';
    expect(await response.json()).toEqual(
      envelope({ type: 'api_error', message: expect.any(String), requestId }),
    );
    expect(requestId).toMatch(/^req_tv_/);
    expect(response.headers.get('content-type')).toBe(row.errorContentType);
    const failure = app.log
      .split('\n')
      .find((line) => line.includes('"A proxy request failed"') && line.includes(requestId));
    expect(JSON.parse(failure ?? '{}')).toMatchObject({
      level: 'error',
      err: { message: expect.stringMatching(/./) },
      code: 'key_unreadable',
    });
  }

  it.each([...row.wrongTargets])(
    'say which base URL is right to an agent that calls %s, whatever its token',
    async (path) => {
      const before = app.upstream.requests.length;
      for (const token of [person.token, 'sk-ant-somebody']) {
        const response = await fetch(app.url + path, {
          method: 'POST',
          headers: asWith(token),
          body: '{}',
        });
        expect([response.status, await response.json()]).toEqual([
          400,
          envelope({
            type: 'api_error',
            message: expect.stringContaining(`http://127.0.0.1:3000${row.prefix}`),
            requestId: response.headers.get(requestIdHeader),
          }),
        ]);
        const [noRetry = '', value] = row.noRetry.split(': ');
        expect(response.headers.get(noRetry)).toBe(value);
      }
      expect(app.upstream.requests).toHaveLength(before);
    },
  );

  const rows = () => app.dataSource.getRepository(ProviderKeyEntity);

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
    await rows().update({ userId: owner.userId }, { masterKeyId: '0123456789abcdef' });
    await expectOwn500(await post(owner.token, {}));
    expect(app.log).toContain('Master key 0123456789abcdef is not configured');
    expect(app.log).not.toContain(owner.apiKey);
  });

  it('say 500 when the store is unreachable', async () => {
    const lost = await TestApp.start({ provider });
    const owner = await lost.signUp();
    await lost.dataSource.destroy();
    const response = await fetch(lost.proxyUrl + paths.message, { headers: asWith(owner.token) });
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual(
      envelope({
        type: 'api_error',
        message: expect.stringContaining('store'),
        requestId: expect.stringMatching(/^req_tv_/),
      }),
    );
    await lost.close();
  });
});
