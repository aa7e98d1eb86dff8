import nock from 'nock';
import { TestApp } from './support/app';

describe('without TRACEVAULT_ANTHROPIC_UPSTREAM', () => {
  let app: TestApp;

  beforeAll(async () => {
    nock.disableNetConnect();
    nock.enableNetConnect('127.0.0.1');
    app = await TestApp.start({ env: { TRACEVAULT_ANTHROPIC_UPSTREAM: '' } });
  });
  afterAll(async () => {
    await app.close();
    nock.restore();
  });

  it('requests go to api.anthropic.com over TLS, with the path behind the prefix and the stored key', async () => {
    const { token } = await app.signUp('sk-ant-stored');
    const vendor = nock('https://api.anthropic.com', { reqheaders: { 'x-api-key': 'sk-ant-stored' } })
      .get('/v1/models')
      .query({ limit: '5' })
      .reply(200, { data: [] });
    const response = await fetch(`${app.proxyUrl}/v1/models?limit=5`, { headers: { 'x-api-key': token } });
    expect(await response.json()).toEqual({ data: [] });
    expect(vendor.isDone()).toBe(true);
  });
});
