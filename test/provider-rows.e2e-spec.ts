import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CredentialsService } from '../src/credentials/credentials.service';
import { OPENROUTER } from '../src/providers/openrouter';
import { Person, TestApp } from './support/app';
import { FakeAnthropic, UpstreamHandler } from './support/fake-anthropic';
import { freePort, runBuilt } from './support/process';

const KEY = 'own-key-0123456789';
/** As long as a short-lived token of a cloud, which an operator's own endpoint may take as a key. */
const LONG_KEY = `bedrock-api-key-${'a'.repeat(2000)}`;

/** A server that was started with a file of the operator's, in front of an upstream that this file names. */
describe('the providers of a server with a file of the operator’s', () => {
  const folder = mkdtempSync(join(tmpdir(), 'provider-rows-'));
  let own: FakeAnthropic;
  let app: TestApp;
  let person: Person;

  beforeAll(async () => {
    own = await FakeAnthropic.start();
    const file = join(folder, 'providers.json');
    writeFileSync(
      file,
      JSON.stringify([
        { id: 'bedrock-eu', dialect: 'anthropic', base_url: `${own.url}/anthropic`, label: 'Bedrock EU' },
        {
          id: 'foundry',
          dialect: 'anthropic',
          base_url: `${own.url}/foundry`,
          credential: 'api-key',
        },
        {
          id: 'azure',
          dialect: 'openai',
          base_url: `${own.url}/openai/`,
          credential: 'api-key',
          label: 'Azure',
        },
        { id: 'vllm', dialect: 'openai', base_url: own.url },
        { id: 'own-gemini', dialect: 'gemini', base_url: `${own.url}/google`, label: 'Own Gemini' },
        { id: 'apigee', dialect: 'gemini', base_url: `${own.url}/apigee`, credential: 'api-key' },
        { id: 'gone', dialect: 'openai', base_url: `http://127.0.0.1:${await freePort()}` },
        { id: 'openai', base_url: `${own.url}/gateway`, label: 'OpenAI (gateway)' },
        { id: 'gemini', base_url: own.url },
        { id: 'anthropic', base_url: `${own.url}/file`, label: 'Claude' },
        { id: 'openrouter', enabled: false },
      ]),
    );
    app = await TestApp.start({ env: { TRACEVAULT_PROVIDERS: file } });
  });
  afterAll(async () => {
    await app.close();
    await own.close();
    rmSync(folder, { recursive: true });
  });
  beforeEach(async () => {
    person = await app.signUp(null);
    own.answerWith(answering(200, 'ok'));
  });

  const answering =
    (status: number, body: string): UpstreamHandler =>
    (request, response) => {
      request.resume();
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    };
  const call = (path: string, headers: Record<string, string>) =>
    fetch(`${app.url}/proxy/${path}`, { headers });
  const messageOf = async (response: Response): Promise<string> =>
    ((await response.json()) as { error: { message: string } }).error.message;
  const keyHeadersSent = (): [string, string][] =>
    ['authorization', 'x-api-key', 'api-key', 'x-goog-api-key'].flatMap((name) => {
      const value = own.last.headers[name];
      return value === undefined ? [] : [[name, String(value)]];
    });

  it('are listed for those who are signed in, without one that is switched off', async () => {
    expect((await app.api('GET', 'providers')).status).toBe(401);
    const response = await app.api('GET', 'providers', { token: person.token });
    const list = (await response.json()) as { id: string }[];
    expect(list.map(({ id }) => id)).toEqual([
      ...['anthropic', 'openai', 'gemini'],
      ...['bedrock-eu', 'foundry', 'azure', 'vllm', 'own-gemini', 'apigee', 'gone'],
    ]);
    expect(list).toContainEqual({
      id: 'openai',
      label: 'OpenAI (gateway)',
      prefix: '/proxy/openai',
      base_url: 'http://127.0.0.1:3000/proxy/openai/v1',
      dialect: 'openai',
      key_prefix: 'sk-',
      websockets: false,
      clients: { base_url: 'OPENAI_BASE_URL', tokens: ['OPENAI_API_KEY'], bearer: 'OPENAI_API_KEY' },
    });
    expect(list).toContainEqual({
      id: 'bedrock-eu',
      label: 'Bedrock EU',
      prefix: '/proxy/bedrock-eu',
      base_url: 'http://127.0.0.1:3000/proxy/bedrock-eu',
      dialect: 'anthropic',
      key_prefix: null,
      websockets: false,
      clients: {
        base_url: 'ANTHROPIC_BASE_URL',
        tokens: ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN'],
        bearer: 'ANTHROPIC_AUTH_TOKEN',
      },
    });
    expect(list).toContainEqual(expect.objectContaining({ id: 'vllm', label: 'vllm' }));
    expect(JSON.stringify(list)).not.toContain(own.url); // where an upstream is, is not for everybody
  });

  const BEARER = 'authorization';
  it.each<[id: string, tokenIn: string[], keyOut: string, scheme: string, target: string]>([
    ['bedrock-eu', ['x-api-key', BEARER], 'x-api-key', '', '/anthropic/v1/messages?beta=true'],
    ['foundry', ['x-api-key', 'api-key', BEARER], 'api-key', '', '/foundry/v1/messages?beta=true'],
    ['azure', ['api-key', BEARER], 'api-key', '', '/openai/v1/messages?beta=true'],
    ['vllm', [BEARER], BEARER, 'Bearer ', '/v1/messages?beta=true'],
    ['own-gemini', ['x-goog-api-key', BEARER], 'x-goog-api-key', '', '/google/v1/messages?beta=true'],
    ['apigee', ['x-goog-api-key', 'api-key', BEARER], 'api-key', '', '/apigee/v1/messages?beta=true'],
  ])('of the operator’s own are forwarded to: %s', async (id, tokenIn, keyOut, scheme, target) => {
    await app.storeKey(person.token, LONG_KEY, id);
    for (const name of tokenIn) {
      const token = name === BEARER ? `Bearer ${person.token}` : person.token;
      expect((await call(`${id}/v1/messages?beta=true`, { [name]: token })).status).toBe(200);
      expect(own.last.target).toBe(target);
      expect(keyHeadersSent()).toEqual([[keyOut, scheme + LONG_KEY]]);
      expect(own.last.headers.host).toBe(new URL(own.url).host);
    }
    const line = await app.requestLine(`/proxy/${id}/`, tokenIn.length);
    expect(line).toMatchObject({ status: 200, key_source: 'own' });
    const others = ['x-api-key', 'api-key', 'x-goog-api-key'].filter((name) => !tokenIn.includes(name));
    for (const name of others)
      expect((await call(`${id}/v1/models`, { [name]: person.token })).status).toBe(401);
  });

  it('take keys of any form up to 4096 characters for the operator’s own', async () => {
    const put = (key: string) => app.api('PUT', 'me/keys/vllm', { token: person.token, body: { key } });
    for (const key of ['sk-ant-x', 'AIza-x', 'x', 'x'.repeat(4096)])
      expect((await put(key)).status).toBe(204);
    const refused = await put('x'.repeat(4097));
    expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('at most 4096')]);
  });

  it('have their labels in errors and in the list of keys', async () => {
    const bearer = { authorization: `Bearer ${person.token}` };
    for (const [id, label] of [
      ['bedrock-eu', 'Bedrock EU'],
      ['openai', 'OpenAI (gateway)'],
      ['anthropic', 'Claude'],
      ['vllm', 'vllm'],
    ] as const) {
      const response = await call(`${id}/v1/messages`, bearer);
      expect(response.status).toBe(401);
      const endpoint = `(or PUT /api/v1/me/${id === 'anthropic' ? 'anthropic-key' : `keys/${id}`})`;
      const message = await messageOf(response);
      expect(message).toContain(`You have no ${label} key stored`);
      expect(message).toContain(endpoint);
    }
    const keys = await app.api('GET', 'me/keys', { token: person.token });
    const labels = ((await keys.json()) as { label: string }[]).map(({ label }) => label);
    expect(labels).toEqual([
      ...['Claude', 'OpenAI (gateway)', 'Gemini'],
      ...['Bedrock EU', 'foundry', 'Azure', 'vllm', 'Own Gemini', 'apigee', 'gone'],
    ]);
  });

  it('go where the file says, but Anthropic where its variable says', async () => {
    await app.storeKey(person.token, 'sk-own', 'openai');
    await app.storeKey(person.token, 'sk-ant-own', 'anthropic');
    const bearer = { authorization: `Bearer ${person.token}` };
    expect((await call('openai/v1/responses', bearer)).status).toBe(200);
    expect(own.last.target).toBe('/gateway/v1/responses');
    const before = own.requests.length;
    expect((await call('anthropic/v1/models', bearer)).status).toBe(200);
    expect([app.upstream.last.target, own.requests.length]).toEqual(['/v1/models', before]);
  });

  describe('that is switched off', () => {
    it('says so to its clients, whatever their token, and what to do', async () => {
      for (const token of [person.token, 'tvp_unknown']) {
        const response = await call('openrouter/v1/chat/completions', { authorization: `Bearer ${token}` });
        expect(response.status).toBe(400);
        expect(response.headers.get('x-should-retry')).toBe('false');
        const message = await messageOf(response);
        expect(message).toContain('OpenRouter is switched off on this server. Use one of these');
        expect(message).toContain('anthropic, openai, gemini, bedrock-eu');
        expect(message).toContain('TRACEVAULT_PROVIDERS');
      }
    });

    it('takes no key, of a person or an organization', async () => {
      for (const owner of ['me', `orgs/${person.org}`]) {
        const response = await app.api('PUT', `${owner}/keys/openrouter`, {
          token: person.token,
          body: { key: 'sk-or-new' },
        });
        expect([response.status, await response.json()]).toEqual([
          404,
          expect.objectContaining({ errors: [expect.objectContaining({ code: 'provider_not_found' })] }),
        ]);
      }
      const misplaced = await app.api('PUT', 'me/keys/openai', {
        token: person.token,
        body: { key: 'sk-or-new' },
      });
      expect(await misplaced.text()).not.toContain('Store it for OpenRouter');
    });

    it('still shows a key that was stored before, for no call, and lets it be deleted', async () => {
      const owner = { kind: 'user', id: person.userId } as const;
      await app.app.get(CredentialsService, { strict: false }).store(owner, OPENROUTER, 'sk-or-earlier');
      const listed = async (): Promise<unknown> =>
        ((await (await app.api('GET', 'me/keys', { token: person.token })).json()) as object[]).find((key) =>
          Object.values(key).includes('openrouter'),
        );
      expect(await listed()).toMatchObject({
        label: 'OpenRouter',
        configured: true,
        in_use: null,
        reason: 'provider_disabled',
      });
      const remove = () => app.api('DELETE', 'me/keys/openrouter', { token: person.token });
      expect((await remove()).status).toBe(204);
      expect(await listed()).toBeUndefined();
      expect((await remove()).status).toBe(404);
    });
  });

  describe('check a key before it is stored', () => {
    const put = (id: string, key: string) =>
      app.api('PUT', `me/keys/${id}?check=true`, { token: person.token, body: { key } });
    const google = (reason: string, message: string): string =>
      JSON.stringify({
        error: {
          code: 400,
          message,
          status: 'INVALID_ARGUMENT',
          details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason }],
        },
      });

    it.each([
      ['openai', 'sk-checked', '/gateway/v1/models', 'authorization', 'Bearer sk-checked'],
      ['gemini', 'AIza-checked', '/v1beta/models?pageSize=1', 'x-goog-api-key', 'AIza-checked'],
      ['bedrock-eu', KEY, '/anthropic/v1/models?limit=1', 'x-api-key', KEY],
      ['azure', KEY, '/openai/v1/models', 'api-key', KEY],
      ['vllm', KEY, '/v1/models', 'authorization', `Bearer ${KEY}`],
      ['own-gemini', KEY, '/google/v1beta/models?pageSize=1', 'x-goog-api-key', KEY],
    ])('of %s: the cheapest request that needs one', async (id, key, target, header, value) => {
      const stored = await put(id, key);
      expect([stored.status, await stored.json()]).toMatchObject([200, { status: 'works' }]);
      expect([own.last.method, own.last.target]).toEqual(['GET', target]);
      expect(keyHeadersSent()).toEqual([[header, value]]);
    });

    it.each<[id: string, key: string, status: number, body: string, words: string]>([
      [
        ...(['openai', 'sk-wrong', 401] as const),
        '{"error":{"message":"Incorrect API key provided: sk-wrong","code":"invalid_api_key"}}',
        'OpenAI (gateway) refused this key with 401: “Incorrect API key provided: [key]”',
      ],
      [
        ...(['gemini', 'AIza-wrong', 400] as const),
        google('API_KEY_INVALID', 'API key not valid. Please pass a valid API key.'),
        'Gemini refused this key with 400: “API key not valid. Please pass a valid API key.”',
      ],
      [
        ...(['gemini', 'AIza-old', 400] as const),
        google('API_KEY_INVALID', 'API key expired. Please renew the API key.'),
        'Gemini refused this key with 400: “API key expired.',
      ],
      [
        ...(['own-gemini', KEY, 403] as const),
        '{"error":{"message":"Blocked","status":"PERMISSION_DENIED"}}',
        'Own Gemini refused this key with 403: “Blocked”',
      ],
      [
        ...(['azure', KEY, 401] as const),
        '{"error":{"code":"401","message":"Access denied due to invalid subscription key"}}',
        'Azure refused this key with 401: “Access denied due to invalid subscription key”',
      ],
    ])('of %s: %s with %i is refused in the provider’s words', async (id, key, status, body, words) => {
      own.answerWith(answering(status, body));
      const refused = await put(id, key);
      const text = await refused.text();
      expect([refused.status, JSON.parse(text)]).toMatchObject([422, { errors: [{ code: 'key_refused' }] }]);
      expect(text).toContain(words.replaceAll('"', '\\"'));
      expect(text).not.toContain(key);
    });

    it.each<[id: string, key: string, status: number, body: string]>([
      ['gemini', 'AIza-x', 400, google('', 'User location is not supported for the API use.')],
      ['gemini', 'AIza-x', 429, google('', 'Quota exceeded')],
      ['openai', 'sk-x', 429, '{"error":{"message":"Slow down"}}'],
      ['vllm', KEY, 404, 'Not Found'],
    ])('of %s: %s with %i says nothing about the key', async (id, key, status, body) => {
      own.answerWith(answering(status, body));
      const response = await put(id, key);
      expect([response.status, await response.json()]).toMatchObject([
        502,
        { errors: [{ code: 'provider_error' }] },
      ]);
    });

    it('of one that can’t be reached', async () => {
      const response = await put('gone', KEY);
      const text = await response.text();
      expect([response.status, JSON.parse(text)]).toMatchObject([
        502,
        { errors: [{ code: 'provider_unreachable' }] },
      ]);
      expect(text).toContain('gone could not be reached');
      expect(text).not.toContain('127.0.0.1');
    });
  });
});

describe('a server whose file of providers has errors', () => {
  it('does not start, and names all of them', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'provider-rows-'));
    const file = join(folder, 'providers.json');
    const entries = [
      { id: 'Own', dialect: 'cohere' },
      { id: 'groq', dialect: 'openai', base_url: 'https://u:SECRET@groq.example/openai/v1' },
      { id: 'openai', base_url: 'https://gateway.example/v1', credential: 'basic' },
    ];
    writeFileSync(file, JSON.stringify(entries));
    const { code, err } = await runBuilt('src/main.js', { TRACEVAULT_PROVIDERS: file, PORT: 'x' }).ran();
    expect(code).toBe(1);
    for (const words of [
      'PORT',
      'entry "Own" needs an id',
      'entry "Own" needs a dialect, one of anthropic, openai, gemini',
      'entry "Own" needs a base_url',
      'entry "groq" needs a base_url that begins with http:// or https://, without user name',
      'entry "openai" has a base_url that ends in /v1',
      'entry "openai" is a built-in provider',
      'entry "openai" has a credential, which can only be "api-key"',
    ])
      expect(err).toContain(words);
    expect(err).not.toContain('SECRET');
    rmSync(folder, { recursive: true });
  });
});
