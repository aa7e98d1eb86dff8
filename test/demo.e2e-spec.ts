import { ERROR_MODELS } from './support/fake-anthropic-api';
import { FakeAnthropic } from './support/fake-anthropic';
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
    expect([...line.matchAll(/error-\d+/g)].map(([name]) => name)).toEqual(Object.keys(ERROR_MODELS));
  });
});
