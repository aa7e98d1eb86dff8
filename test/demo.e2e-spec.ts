import { ERROR_MODELS } from './support/fake-anthropic-api';
import { FakeAnthropic } from './support/fake-anthropic';
import { GEMINI_ERROR_MODELS } from './support/fake-gemini-api';
import { OPENAI_ERROR_MODELS } from './support/fake-openai-api';
import { OPENROUTER_ERROR_MODELS } from './support/fake-openrouter-api';
import { readText } from './support/manifests';

/** What the demo's upstream answers, without the server in front of it. */
describe('the demo’s upstream', () => {
  let upstream: FakeAnthropic;

  beforeAll(async () => {
    upstream = await FakeAnthropic.start();
  });
  afterAll(() => upstream.close());

  const post = (key: string, model: string): Promise<Response> =>
    fetch(`${upstream.url}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': key },
      body: JSON.stringify({ model, messages: [] }),
    });
  const unknownKey = {
    type: 'error',
    error: { type: 'authentication_error', message: 'invalid x-api-key' },
    request_id: expect.stringMatching(/^req_/),
  };

  it.each(['sk-ant-invalid', 'sk-ant-invalid-key-of-mine'])(
    'does not take the key %s, and says so as Anthropic does',
    async (key) => {
      const response = await post(key, 'claude-sonnet-5-5');
      expect([response.status, await response.json()]).toEqual([401, unknownKey]);
      const models = await fetch(`${upstream.url}/v1/models?limit=1`, { headers: { 'x-api-key': key } });
      expect([models.status, await models.json()]).toEqual([401, unknownKey]);
    },
  );

  it('says the same to the model error-401', async () => {
    const response = await post('sk-ant-demo', 'error-401');
    expect([response.status, await response.json()]).toEqual([401, unknownKey]);
  });

  it('takes any other key', async () => {
    expect((await post('sk-ant-demo', 'claude-sonnet-5-5')).status).toBe(200);
  });

  it('has every model that docs/using.md says makes an error, and no other', () => {
    const [, line = ''] = /The models ([^]*?) make the fake upstream/.exec(readText('docs/using.md')) ?? [];
    const named = [...line.matchAll(/error-\d+/g)].map(([name]) => name);
    const others = [OPENAI_ERROR_MODELS, GEMINI_ERROR_MODELS, OPENROUTER_ERROR_MODELS];
    expect(named.filter((name) => name !== 'error-503')).toEqual(Object.keys(ERROR_MODELS));
    for (const models of others)
      expect(named.filter((name) => name !== 'error-529')).toEqual(Object.keys(models));
  });

  const unknown = {
    openai: {
      error: {
        message: expect.stringMatching(/^Incorrect API key provided: sk-inval\*+mine\. /),
        type: 'invalid_request_error',
        param: null,
        code: 'invalid_api_key',
      },
    },
    gemini: {
      error: expect.objectContaining({
        code: 400,
        message: 'API key not valid. Please pass a valid API key.',
        status: 'INVALID_ARGUMENT',
      }),
    },
    openrouter: { error: { code: 401, message: 'User not found.' }, user_id: null },
  };
  const bearer = (key: string): object => ({ authorization: `Bearer ${key}` });
  const google = (key: string): object => ({ 'x-goog-api-key': key });

  describe.each([
    ['OpenAI', '/v1/models', bearer, 'sk-demo', 'sk-invalid-key-of-mine', 401, unknown.openai],
    ['Gemini', '/v1beta/models', google, 'AIzaDemo', 'AIzainvalid', 400, unknown.gemini],
    ['OpenRouter', '/api/v1/key', bearer, 'sk-or-demo', 'sk-or-invalid', 401, unknown.openrouter],
    ['OpenRouter', '/api/v1/key', bearer, 'sk-or-v1-demo', 'sk-or-v1-invalid', 401, unknown.openrouter],
  ])('as %s at %s', (_name, path, header, works, refused, status, body) => {
    const get = (key: string): Promise<Response> =>
      fetch(upstream.url + path, { headers: { ...header(key) } });

    it(`takes the key ${works}`, async () => {
      expect((await get(works)).status).toBe(200);
    });

    it.each([refused, 'sk-ant-demo'])('refuses the key %s in the provider’s own envelope', async (key) => {
      const response = await get(key);
      expect(response.status).toBe(status);
      if (key === refused) expect(await response.json()).toEqual(body);
    });
  });

  const call = async (path: string, headers: object, body: object): Promise<Response> =>
    fetch(upstream.url + path, { method: 'POST', headers: { ...headers }, body: JSON.stringify(body) });
  const user = [{ role: 'user', content: 'hi there' }];

  it('streams a response with OpenAI’s events in their order, with the usage in the last one', async () => {
    const response = await call('/v1/responses', bearer('sk-demo'), {
      model: 'gpt-5',
      input: user,
      stream: true,
    });
    const events = dataOf(await response.text()) as Record<string, never>[];
    expect(response.headers.get('x-request-id')).toMatch(/^req_/);
    expect(collapsed(events.map(({ type }) => type))).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
    expect(events.map(({ sequence_number }) => sequence_number)).toEqual([...events.keys()]);
    expect(events.at(-1)).toMatchObject({
      response: {
        status: 'completed',
        usage: {
          input_tokens: expect.any(Number),
          input_tokens_details: { cached_tokens: 0 },
          output_tokens: 24,
          output_tokens_details: { reasoning_tokens: 8 },
        },
      },
    });
  });

  it.each([
    [true, 1],
    [false, 0],
  ])('streams a chat to [DONE], with usage %p', async (include_usage, count) => {
    const body = { model: 'gpt-5', messages: user, stream: true, stream_options: { include_usage } };
    const text = await (await call('/v1/chat/completions', bearer('sk-demo'), body)).text();
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    const chunks = dataOf(text.replace('data: [DONE]\n\n', '')) as { usage?: object | null }[];
    expect(chunks.filter(({ usage }) => usage !== null && usage !== undefined)).toHaveLength(count);
  });

  const contents = [{ role: 'user', parts: [{ text: 'hi there' }] }];
  const stream = '/v1beta/models/gemini-2.5-pro:streamGenerateContent';

  it('streams content as Google does: as events, or as the elements of one array', async () => {
    const asEvents = await (await call(`${stream}?alt=sse`, google('AIzaDemo'), { contents })).text();
    const asArray = await (await call(stream, google('AIzaDemo'), { contents })).json();
    const events = dataOf(asEvents.replaceAll('\r', ''));
    expect(events.length).toBeGreaterThan(1);
    expect(asArray).toHaveLength(events.length);
    expect(events.at(-1)).toMatchObject({
      candidates: [{ finishReason: 'STOP' }],
      usageMetadata: { promptTokenCount: expect.any(Number), thoughtsTokenCount: 8 },
    });
  });

  it('answers messages of OpenRouter as Anthropic does', async () => {
    const body = { model: 'anthropic/claude', max_tokens: 9, messages: user };
    const response = await call('/api/v1/messages', bearer('sk-or-demo'), body);
    expect(await response.json()).toMatchObject({ type: 'message', content: [{ type: 'text' }] });
    const refused = await call('/api/v1/messages', bearer('sk-or-invalid'), body);
    expect([refused.status, await refused.json()]).toEqual([401, unknownKey]);
  });

  it.each([
    ['OpenAI', '/v1/responses', bearer('sk-demo'), OPENAI_ERROR_MODELS],
    ['OpenAI', '/v1/chat/completions', bearer('sk-demo'), OPENAI_ERROR_MODELS],
    ['OpenRouter', '/api/v1/chat/completions', bearer('sk-or-demo'), OPENROUTER_ERROR_MODELS],
    ['Gemini', '', google('AIzaDemo'), GEMINI_ERROR_MODELS],
  ])('answers as %s at %s with the error of each model', async (_name, path, headers, models) => {
    for (const model of Object.keys(models)) {
      const to = path || `/v1beta/models/${model}:generateContent`;
      const response = await call(to, headers, { model, contents });
      expect([model, response.status]).toEqual([model, Number(model.slice('error-'.length))]);
      expect(await response.json()).toMatchObject({ error: { message: expect.any(String) } });
    }
  });
});

/** Returns the data of a stream's events. */
function dataOf(text: string): unknown[] {
  const events = text.split('\n\n').filter((event) => event !== '');
  return events.map((event) => JSON.parse(event.slice(event.indexOf('data: ') + 'data: '.length)));
}

/** Returns a list without the repetitions of the element before. */
function collapsed<T>(list: readonly T[]): T[] {
  return list.filter((element, index) => element !== list[index - 1]);
}
