import { createOpenAI } from '@ai-sdk/openai';
import { generateText, streamText } from 'ai';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import OpenAI from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import { OPENAI } from '../src/providers/openai';
import { Person, useApp } from './support/app';
import { WebSocketUpstream } from './support/web-socket-upstream';

const MODEL = 'gpt-5';

/** OpenAI's own SDK and the AI SDK, unmodified: what they send, and what they make of the answers. */
describe('the clients of OpenAI', () => {
  const app = useApp({ provider: OPENAI });
  let person: Person;

  beforeAll(async () => {
    person = await app.signUp();
  });

  const baseURL = (): string => `${app.proxyUrl}/v1`;

  describe('with a stored key', () => {
    const client = (): OpenAI => new OpenAI({ apiKey: person.token, baseURL: baseURL(), maxRetries: 0 });

    afterEach(() => {
      const { headers, rawHeaders } = app.upstream.last;
      expect(headers.authorization).toBe(`Bearer ${person.apiKey}`);
      expect(rawHeaders.join('\n')).not.toContain(person.token);
    });

    const messages = [{ role: 'user' as const, content: 'hello there' }];

    it('create a response', async () => {
      const response = await client().responses.create({ model: MODEL, input: 'hello there' });
      expect(response.output_text).toContain('hello there');
      expect(response._request_id).toMatch(/^req_fake_/);
      expect(response.usage).toMatchObject({ output_tokens_details: { reasoning_tokens: 8 } });
    });

    it('stream a response to its last event', async () => {
      const stream = client().responses.stream({ model: MODEL, input: 'hello there' });
      const events: string[] = [];
      for await (const event of stream) events.push(event.type);
      expect(events.at(0)).toBe('response.created');
      expect(events.at(-1)).toBe('response.completed');
      expect((await stream.finalResponse()).output_text).toContain('hello there');
    });

    it('create a chat completion', async () => {
      const { choices } = await client().chat.completions.create({ model: MODEL, messages });
      expect(choices[0]?.message.content).toContain('hello there');
    });

    it('stream a chat completion with its usage', async () => {
      const stream = client().chat.completions.stream({
        model: MODEL,
        messages,
        stream_options: { include_usage: true },
      });
      expect(await stream.finalContent()).toContain('hello there');
      expect((await stream.totalUsage()).completion_tokens).toBe(24);
    });

    it('list models', async () => {
      const models = await client().models.list();
      expect(models.data.map(({ id }) => id)).toContain(MODEL);
      expect(app.upstream.last.target).toBe('/v1/models');
    });

    it('upload a file', async () => {
      const file = new File([Buffer.alloc(200_000, 'x')], 'notes.txt', { type: 'text/plain' });
      expect((await client().files.create({ file, purpose: 'user_data' })).id).toBe('file-fake');
      expect(app.upstream.last.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
      expect((await app.upstream.last.body).bytes).toBeGreaterThan(200_000);
    });

    it.each([
      ['error-400', 'BadRequestError', 'unsupported_parameter'],
      ['error-401', 'AuthenticationError', 'invalid_api_key'],
      ['error-403', 'PermissionDeniedError', 'model_not_found'],
      ['error-404', 'NotFoundError', 'model_not_found'],
      ['error-429', 'RateLimitError', 'rate_limit_exceeded'],
      ['error-500', 'InternalServerError', null],
      ['error-503', 'InternalServerError', 'server_is_overloaded'],
    ])('map %s to their own %s', async (model, name, code) => {
      const error = await failure(client().responses.create({ model, input: 'hello there' }));
      expect([error.constructor.name, error.code]).toEqual([name, code]);
      expect(error.requestID).toMatch(/^req_fake_/);
    });

    it('end the upstream request when they abort a stream', async () => {
      const arrival = app.upstream.arrival();
      app.upstream.answerWith((_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('event: response.in_progress\ndata: {"type":"response.in_progress"}\n\n');
      });
      const stream = await client().responses.create({ model: MODEL, input: 'hello', stream: true });
      for await (const event of stream) {
        expect(event.type).toBe('response.in_progress');
        stream.controller.abort();
      }
      expect((await (await arrival).closed).aborted).toBe(true);
      app.upstream.answerWithDefault();
    });

    it('send the headers of an account and of the SDK', async () => {
      const named = client().withOptions({ organization: 'org-1', project: 'proj-1' });
      await named.responses.create({ model: MODEL, input: 'hello' }, { idempotencyKey: 'once' });
      expect(app.upstream.last.headers).toMatchObject({
        'openai-organization': 'org-1',
        'openai-project': 'proj-1',
        'user-agent': expect.stringMatching(/^OpenAI\/JS /),
      });
    });

    describe('@ai-sdk/openai', () => {
      const provider = () => createOpenAI({ apiKey: person.token, baseURL: baseURL() });

      it.each([
        ['a response', () => provider()(MODEL)],
        ['a chat completion', () => provider().chat(MODEL)],
      ])('generates and streams %s', async (_name, model) => {
        const prompt = { prompt: 'hello there', maxRetries: 0 };
        expect((await generateText({ model: model(), ...prompt })).text).toContain('hello there');
        const parts: string[] = [];
        for await (const part of streamText({ model: model(), ...prompt }).textStream) parts.push(part);
        expect(parts.length).toBeGreaterThan(1);
        expect(parts.join('')).toContain('hello there');
      });
    });
  });

  it.each([
    ['no key is stored', (): Promise<string> => app.signUp(null).then(({ token }) => token), /key/],
    ['the token is unknown', (): Promise<string> => Promise.resolve('tvs_wrong'), /token/],
  ])('map the proxy’s own 401 to an AuthenticationError when %s', async (_when, token, words) => {
    const before = app.upstream.requests.length;
    const client = new OpenAI({ apiKey: await token(), baseURL: baseURL(), maxRetries: 5 });
    const error = await failure(client.responses.create({ model: MODEL, input: 'hello' }));
    expect(error).toBeInstanceOf(OpenAI.AuthenticationError);
    expect(error).toMatchObject({ code: 'invalid_api_key', requestID: expect.stringMatching(/^req_tv_/) });
    expect(error.message).toMatch(words);
    expect(app.upstream.requests.length).toBe(before);
  });
});

/** Its realtime client speaks `wss` and nothing else: TLS ends in front of the server, as in production. */
describe('the realtime client of OpenAI', () => {
  let upstream: WebSocketUpstream;
  afterAll(() => upstream.close()); // before the server, which waits for its connections
  const app = useApp({ provider: OPENAI, env: { TRACEVAULT_WEBSOCKETS: 'on' } });
  const certificate = (name: string) => readFileSync(join(__dirname, 'support/tls', name));
  const front = createServer({ key: certificate('key.pem'), cert: certificate('cert.pem') }, (client) => {
    const server = connect(app.port, '127.0.0.1');
    client.pipe(server).pipe(client);
    for (const socket of [client, server]) socket.on('error', () => undefined);
  });
  let person: Person;

  beforeAll(async () => {
    upstream = new WebSocketUpstream(app.upstream.server);
    front.listen(0, '127.0.0.1');
    await once(front, 'listening');
    person = await app.signUp();
  });
  afterAll(() => void front.close());

  function open(apiKey: string): OpenAIRealtimeWS {
    const { port } = front.address() as AddressInfo;
    const client = new OpenAI({ apiKey, baseURL: `https://localhost:${port}${OPENAI.prefix}/v1` });
    return new OpenAIRealtimeWS({ model: 'gpt-realtime', options: { ca: certificate('cert.pem') } }, client);
  }

  it('sends and receives events with the stored key, and closes', async () => {
    const realtime = open(person.token);
    await once(realtime.socket, 'open');
    const event = { type: 'response.create', response: { instructions: 'hello there' } } as const;
    const received = new Promise((resolve) => realtime.on('event', resolve));
    realtime.send(event); // comes back
    expect(await received).toEqual(event);
    const { url, headers, rawHeaders } = upstream.handshakes.at(-1)!;
    expect([url, headers.authorization]).toEqual([
      '/v1/realtime?model=gpt-realtime',
      `Bearer ${person.apiKey}`,
    ]);
    expect(rawHeaders.join()).not.toContain(person.token);
    const closed = once(realtime.socket, 'close');
    realtime.close({ code: 1000, reason: 'OK' });
    expect((await closed)[0]).toBe(1000);
  });

  it('is told of a token that is unknown, and of one that is revoked while it is open', async () => {
    const refused = open('tvs_wrong');
    const error = await new Promise<Error>((resolve) => refused.on('error', resolve));
    expect(error.message).toContain('401');
    const { token } = await app.signUp();
    const realtime = open(token);
    await once(realtime.socket, 'open');
    const closed = once(realtime.socket, 'close');
    expect((await app.api('POST', 'auth/logout', { token })).status).toBe(204);
    const [code, reason] = await closed;
    expect([code, String(reason)]).toEqual([1008, expect.stringContaining('was revoked')]);
  });
});

/** Resolves with the error of the SDK's with which a call fails. */
async function failure(call: Promise<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
  const error: unknown = await call.catch((thrown: unknown) => thrown);
  if (error instanceof OpenAI.APIError) return error;
  throw new Error('The call did not fail with an error of the SDK');
}
