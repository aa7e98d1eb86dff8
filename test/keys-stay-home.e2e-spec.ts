import { PROVIDERS } from '../src/providers/providers';
import { Person, TestApp } from './support/app';
import { FakeAnthropic } from './support/fake-anthropic';
import { isComplete, sendRaw } from './support/raw-http';

const KEYS: Readonly<Record<string, string>> = {
  anthropic: 'sk-ant-of-anthropic',
  openai: 'sk-of-openai',
  gemini: 'AIza-of-gemini',
  openrouter: 'sk-or-of-openrouter',
};
const IDS = Object.keys(KEYS);

/** Four providers, each with a key and an upstream of its own. */
describe('the key of one provider', () => {
  let app: TestApp;
  let person: Person;
  const upstreams = new Map<string, FakeAnthropic>();

  beforeAll(async () => {
    for (const id of IDS) {
      const upstream = await FakeAnthropic.start();
      upstream.answerWith((request, response) => {
        request.resume();
        response.end('ok');
      });
      upstreams.set(id, upstream);
    }
    const baseUrls = Object.fromEntries([...upstreams].map(([id, { url }]) => [id, url]));
    app = await TestApp.start({
      adjust: (config) => ({ ...config, upstream: { ...config.upstream, baseUrls } }),
    });
    person = await app.signUp(null);
    for (const [id, key] of Object.entries(KEYS)) await app.storeKey(person.token, key, id);
  });
  afterAll(async () => {
    await app.close();
    for (const upstream of upstreams.values()) await upstream.close();
  });

  const send = (target: string, ...lines: string[]) =>
    sendRaw(
      app.port,
      [`GET ${target} HTTP/1.1`, 'Host: x', `Authorization: Bearer ${person.token}`, ...lines, '', ''].join(
        '\r\n',
      ),
      { until: isComplete },
    );

  it('is there for each built-in provider', () => {
    expect(PROVIDERS.map(({ id }) => id).sort()).toEqual([...IDS].sort());
  });

  const hostile = (id: string, other: string, host: string): string[] => [
    `/proxy/${id}/v1/models`,
    `/proxy/${id}/../${other}/v1/models`,
    `/proxy/${id}/%2e%2e/${other}/v1`,
    `/proxy/${id}/..%2f${other}/v1`,
    `/proxy/${id}\\..\\${other}/v1`,
    `/proxy/${id}/..;/${other}/v1`,
    `/proxy/${id}%2f..%2f${other}`,
    `/proxy/${id}//${host}/v1`,
    `/proxy/${id}/http://${host}/v1`,
    `/proxy/${id}@${host}/v1`,
    `/proxy/${id}:80@${host}/v1`,
    `/proxy/${id}?x=/proxy/${other}/v1`,
    `/proxy/${id}#/proxy/${other}/v1`,
    `/proxy/${id}/proxy/${other}/v1/models`,
    `//${host}/proxy/${id}/v1`,
    `http://${host}/proxy/${id}/v1`,
    `http://${host}/proxy/${id}/../${other}/v1`,
    `/proxy//${id}/v1`,
    `/proxy/./${id}/v1`,
    `/proxy/${other}/../${id}/v1`,
  ];

  it.each(IDS.flatMap((id) => IDS.filter((other) => other !== id).map((other) => [id, other] as const)))(
    'of %s never arrives at %s, in any spelling of the target',
    async (id, other) => {
      const { host } = new URL(upstreams.get(other)!.url);
      for (const target of hostile(id, other, host)) {
        const { status } = await send(target, `X-Forwarded-Host: ${host}`);
        expect(status).toBeGreaterThanOrEqual(200);
      }
      for (const [at, { requests }] of upstreams) {
        const arrived = requests.flatMap(({ rawHeaders, target }) => [...rawHeaders, target]).join(' ');
        for (const [owner, key] of Object.entries(KEYS)) if (owner !== at) expect(arrived).not.toContain(key);
        expect(arrived).not.toContain(person.token);
      }
      expect(upstreams.get(id)!.requests.map(({ target }) => target)).toContain('/v1/models');
    },
  );

  it('of Gemini is asked for by ?key=, which goes no further and is not logged', async () => {
    const gemini = upstreams.get('gemini')!;
    const ask = (query: string) =>
      sendRaw(app.port, `GET /proxy/gemini/v1beta/models?${query} HTTP/1.1\r\nHost: x\r\n\r\n`, {
        until: isComplete,
      });
    expect((await ask(`pageSize=%31&%6bey=${person.token}&alt=sse`)).status).toBe(200);
    expect(gemini.last.target).toBe('/v1beta/models?pageSize=%31&alt=sse');
    expect(gemini.last.headers['x-goog-api-key']).toBe(KEYS.gemini);
    expect((await ask(`key=${person.token}`)).status).toBe(200);
    expect(gemini.last.target).toBe('/v1beta/models');
    const refused = await ask('key=AIzaSomebody');
    expect([refused.status, refused.text]).toEqual([401, expect.stringContaining('This is a Gemini key')]);
    expect(app.log).not.toContain(person.token);
    expect(app.log).not.toContain('AIzaSomebody');
  });

  it('wins in a header over one in the query, where `key` alone is taken, and by no other provider', async () => {
    const both = await send(`/proxy/gemini/v1beta/models?key=tvp_wrong`);
    expect(both.status).toBe(200);
    for (const name of ['access_token', '%24access_token', 'oauth_token']) {
      const target = `/proxy/gemini/v1beta/models?${name}=${person.token}`;
      const alone = `GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`;
      expect((await sendRaw(app.port, alone, { until: isComplete })).status).toBe(401);
      expect((await send(target)).status).toBe(200);
      expect(upstreams.get('gemini')!.last.target).toBe('/v1beta/models');
    }
    const openai = `GET /proxy/openai/v1/models?key=${person.token} HTTP/1.1\r\nHost: x\r\n\r\n`;
    expect((await sendRaw(app.port, openai, { until: isComplete })).status).toBe(401);
  });

  it('of OpenRouter is checked where it knows keys, since its list of models needs none', async () => {
    const body = { key: 'sk-or-checked' };
    const path = 'me/keys/openrouter?check=true';
    expect((await app.api('PUT', path, { token: person.token, body })).status).toBe(200);
    const { last } = upstreams.get('openrouter')!;
    expect([last.target, last.headers.authorization]).toEqual(['/v1/key', 'Bearer sk-or-checked']);
    await app.storeKey(person.token, KEYS.openrouter!, 'openrouter');
  });

  it('is not asked for where no provider is: the answer names those that are', async () => {
    const { status, text } = await send('/proxy/nobody/v1/x');
    expect([status, text]).toEqual([400, expect.stringContaining('anthropic, openai, gemini, openrouter')]);
  });
});
