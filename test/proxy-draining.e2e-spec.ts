import { DrainService } from '../src/health/drain.service';
import { Person, TestApp } from './support/app';

/** In this process; `drain` sends a real SIGTERM to the built server. */
describe('the proxy while the server drains', () => {
  let app: TestApp;
  let person: Person;

  beforeEach(async () => {
    app = await TestApp.start();
    person = await app.signUp();
  });
  afterEach(() => app.close());

  it('lets the open stream run to its end, and refuses new ones so that the client tries elsewhere', async () => {
    let finish = (): void => undefined;
    app.upstream.answerWith((_, response) => {
      response.writeHead(200).write('first half, ');
      finish = () => response.end('second half');
    });
    const headers = { 'x-api-key': person.token };
    const stream = await fetch(`${app.proxyUrl}/v1/stream`, { headers });
    const drained = app.app.get(DrainService).drain(60_000);

    const refused = await fetch(`${app.proxyUrl}/v1/refused`, { headers });
    const body = (await refused.json()) as { request_id: string };
    expect([refused.status, body]).toEqual([
      503,
      {
        type: 'error',
        error: { type: 'api_error', message: expect.stringContaining('shutting down') },
        request_id: refused.headers.get('request-id'),
      },
    ]);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(refused.headers.get('connection')).toBe('close');
    expect(refused.headers.get('x-should-retry')).toBeNull();
    expect(await app.requestLine('/proxy/anthropic/v1/refused')).toMatchObject({
      status: 503,
      outcome: 'rejected',
      error_type: 'api_error',
    });
    expect(app.log).not.toContain('A proxy request failed');

    finish();
    expect(await stream.text()).toBe('first half, second half');
    expect(await drained).toEqual([]);
  });

  it('is the only time that a refusal says when to come again and closes the connection', async () => {
    const refused = await fetch(`${app.proxyUrl}/v1/models`, { headers: { 'x-api-key': 'tvs_wrong' } });
    expect(refused.status).toBe(401);
    expect(refused.headers.get('retry-after')).toBeNull();
    expect(refused.headers.get('connection')).toBe('keep-alive');
  });
});
