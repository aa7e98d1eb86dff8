import { request as httpRequest } from 'node:http';
import { Person, useApp } from './support/app';

describe('the log line of a request', () => {
  const app = useApp();
  let person: Person;

  beforeAll(async () => {
    person = await app.signUp();
  });

  const line = (fields: object) => ({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    msg: 'request',
    request_id: expect.stringMatching(/^req_tv_[0-9a-f]{24}$/),
    ...fields,
  });

  it('of a completed stream says who, what, how much and how long', async () => {
    let release: () => void = () => undefined;
    app.upstream.answerWith((_request, response) => {
      response.writeHead(200, { 'request-id': 'req_vendor' });
      response.write('12345');
      release = () => response.end('67890');
    });
    const response = await fetch(`${app.proxyUrl}/v1/messages?beta=SECRET`, {
      method: 'POST',
      body: '{}',
      headers: { 'x-api-key': person.token },
    });
    await new Promise((resolve) => setTimeout(resolve, 60)); // what is measured
    release();
    await response.text();
    const logged = await app.requestLine('/proxy/anthropic/v1/messages');
    expect(logged).toEqual(
      line({
        user_id: person.userId,
        key_source: 'own',
        method: 'POST',
        path: '/proxy/anthropic/v1/messages',
        status: 200,
        bytes: 10,
        ms_to_first_byte: expect.any(Number),
        ms: expect.any(Number),
        outcome: 'completed',
        upstream_request_id: 'req_vendor',
      }),
    );
    expect(Number(logged.ms) - Number(logged.ms_to_first_byte)).toBeGreaterThan(50);
    expect(Number(logged.ms_to_first_byte)).toBeGreaterThan(0);
  });

  it('of a refusal has the word of the envelope, and the id that the client was given', async () => {
    const response = await fetch(`${app.proxyUrl}/v1/refused`);
    const body = (await response.json()) as { error: { type: string }; request_id: string };
    const logged = await app.requestLine('/proxy/anthropic/v1/refused');
    expect(logged).toEqual(
      line({
        request_id: body.request_id,
        method: 'GET',
        path: '/proxy/anthropic/v1/refused',
        status: 401,
        bytes: Number(response.headers.get('content-length')),
        ms_to_first_byte: expect.any(Number),
        ms: expect.any(Number),
        outcome: 'rejected',
        error_type: body.error.type,
      }),
    );
  });

  it('of an upstream’s own error is that of a completed request: what it said was passed on', async () => {
    app.upstream.answerWith((_request, response) => void response.writeHead(529).end('{}'));
    await fetch(`${app.proxyUrl}/v1/overloaded`, { headers: { 'x-api-key': person.token } });
    expect(await app.requestLine('/proxy/anthropic/v1/overloaded')).toMatchObject({
      status: 529,
      outcome: 'completed',
    });
  });

  it('of an upstream that failed says so', async () => {
    app.upstream.answerWith((request) => void request.socket.resetAndDestroy());
    await fetch(`${app.proxyUrl}/v1/failed`, { headers: { 'x-api-key': person.token } });
    const logged = await app.requestLine('/proxy/anthropic/v1/failed');
    expect(logged).toMatchObject({
      user_id: person.userId,
      status: 502,
      outcome: 'upstream_failed',
      error_type: 'api_error',
    });
  });

  it('of a client that left before there was an answer has no status', async () => {
    app.upstream.answerWith(() => undefined);
    const arrival = app.upstream.arrival();
    const client = httpRequest(`${app.proxyUrl}/v1/left`, { headers: { 'x-api-key': person.token } });
    client.on('error', () => undefined).end();
    await arrival;
    client.destroy();
    const logged = await app.requestLine('/proxy/anthropic/v1/left');
    expect(logged).toMatchObject({ user_id: person.userId, outcome: 'client_aborted', bytes: 0 });
    expect(logged).not.toHaveProperty('status');
    expect(logged).not.toHaveProperty('ms_to_first_byte');
  });

  it('is written for the API as well, without its query', async () => {
    await app.api('GET', 'auth/me?token=SECRET', { token: person.token });
    expect(await app.requestLine('/api/v1/auth/me')).toMatchObject({
      user_id: person.userId,
      method: 'GET',
      path: '/api/v1/auth/me',
      status: 200,
      bytes: expect.any(Number),
      outcome: 'completed',
    });
    expect(app.log).not.toContain('SECRET');
  });
});
