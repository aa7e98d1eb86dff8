import { createAnthropic } from '@ai-sdk/anthropic';
import Anthropic from '@anthropic-ai/sdk';
import { ChatAnthropic } from '@langchain/anthropic';
import { generateText, streamText } from 'ai';
import AnthropicV0 from 'anthropic-sdk-0';
import { Person, useApp } from './support/app';

const MODEL = 'claude-opus-5-5';
const weather = {
  name: 'weather',
  description: 'Tells the weather',
  input_schema: { type: 'object' as const, properties: { query: { type: 'string' } } },
};

/** The official clients themselves, unmodified: what they send and what they make of the answers. */
describe('official clients', () => {
  const app = useApp();
  let person: Person;

  beforeAll(async () => {
    person = await app.signUp();
  });

  afterEach(() => {
    const { headers, rawHeaders } = app.upstream.last;
    expect(headers['x-api-key']).toBe(person.apiKey);
    expect(rawHeaders.join('\n')).not.toContain(person.token);
  });

  const generations: [string, () => Anthropic][] = [
    [
      '@anthropic-ai/sdk 1.x',
      () => new Anthropic({ apiKey: person.token, baseURL: app.proxyUrl, maxRetries: 0 }),
    ],
    [
      '@anthropic-ai/sdk 0.x',
      () =>
        new AnthropicV0({
          apiKey: person.token,
          baseURL: app.proxyUrl,
          maxRetries: 0,
        }) as unknown as Anthropic,
    ],
    [
      '@anthropic-ai/sdk 0.x with authToken',
      () =>
        new AnthropicV0({
          authToken: person.token,
          apiKey: null,
          baseURL: app.proxyUrl,
          maxRetries: 0,
        }) as unknown as Anthropic,
    ],
  ];

  describe.each(generations)('%s', (_name, client) => {
    const message = {
      model: MODEL,
      max_tokens: 64,
      messages: [{ role: 'user' as const, content: 'hello there' }],
    };

    it('creates a message', async () => {
      const answer = await client().messages.create(message);
      expect(answer.content[0]).toMatchObject({ type: 'text', text: expect.stringContaining('hello there') });
      expect(answer._request_id).toMatch(/^req_fake_/);
    });

    it('streams a message to its last event', async () => {
      const events: string[] = [];
      const stream = client().messages.stream(message);
      for await (const event of stream) events.push(event.type);
      expect(events.at(0)).toBe('message_start');
      expect(events.at(-1)).toBe('message_stop');
      expect(await stream.finalText()).toContain('hello there');
    });

    it('streams the use of a tool', async () => {
      const tool = { ...message, tools: [weather], tool_choice: { type: 'tool' as const, name: 'weather' } };
      const answer = await client().messages.stream(tool).finalMessage();
      expect(answer.stop_reason).toBe('tool_use');
      expect(answer.content[0]).toMatchObject({
        type: 'tool_use',
        name: 'weather',
        input: { query: 'weather' },
      });
    });

    it('counts tokens', async () => {
      const { input_tokens } = await client().messages.countTokens({
        model: MODEL,
        messages: message.messages,
      });
      expect(input_tokens).toBeGreaterThan(0);
    });

    it('lists models', async () => {
      const models = await client().models.list({ limit: 1000 });
      expect(models.data.map(({ id }) => id)).toContain(MODEL);
      expect(app.upstream.last.target).toBe('/v1/models?limit=1000');
    });

    it('uploads a file', async () => {
      const file = new File([Buffer.alloc(200_000, 'x')], 'notes.txt', { type: 'text/plain' });
      const uploaded = await client().beta.files.upload({ file });
      expect(uploaded.id).toBe('file_fake');
      expect(app.upstream.last.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
      expect((await app.upstream.last.body).bytes).toBeGreaterThan(200_000);
    });

    it('creates a batch', async () => {
      const params = { model: MODEL, max_tokens: 64, messages: message.messages };
      const batch = await client().messages.batches.create({ requests: [{ custom_id: 'a', params }] });
      expect(batch.id).toBe('msgbatch_fake');
    });

    it.each([
      ['error-400', 'BadRequestError'],
      ['error-403', 'PermissionDeniedError'],
      ['error-404', 'NotFoundError'],
      ['error-429', 'RateLimitError'],
      ['error-500', 'InternalServerError'],
      ['error-529', 'InternalServerError|OverloadedError'],
    ])('maps %s to its own %s', async (model, errorClass) => {
      const error: unknown = await client()
        .messages.create({ ...message, model })
        .catch((thrown: unknown) => thrown);
      expect((error as object).constructor.name).toMatch(new RegExp(`^(${errorClass})$`));
    });

    it('ends the upstream request when it aborts a stream', async () => {
      const arrival = app.upstream.arrival();
      app.upstream.answerWith((_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(
          `event: message_start\ndata: ${JSON.stringify({ type: 'message_start', message: { content: [], usage: {} } })}\n\n`,
        );
      });
      const stream = client().messages.stream(message);
      for await (const event of stream) {
        expect(event.type).toBe('message_start');
        stream.abort();
        break;
      }
      expect((await (await arrival).closed).aborted).toBe(true);
      app.upstream.answerWithDefault();
    });
  });

  it('maps the proxy’s own 401 to an AuthenticationError, and does not retry it', async () => {
    const client = new Anthropic({ apiKey: 'tvs_wrong', baseURL: app.proxyUrl, maxRetries: 5 });
    const failing = client.messages.create({ model: MODEL, max_tokens: 1, messages: [] });
    await expect(failing).rejects.toBeInstanceOf(Anthropic.AuthenticationError);
    await client.models.list().catch(() => undefined); // a second request, so that a retry of the first would have come before
    expect(app.log.match(/"status":401/g)).toHaveLength(2);
  });

  describe('@ai-sdk/anthropic', () => {
    const model = () => createAnthropic({ apiKey: person.token, baseURL: `${app.proxyUrl}/v1` })(MODEL);

    it('generates text', async () => {
      const { text } = await generateText({ model: model(), prompt: 'hello there', maxRetries: 0 });
      expect(text).toContain('hello there');
    });

    it('streams text', async () => {
      const parts: string[] = [];
      for await (const part of streamText({ model: model(), prompt: 'hello there', maxRetries: 0 })
        .textStream)
        parts.push(part);
      expect(parts.length).toBeGreaterThan(1);
      expect(parts.join('')).toContain('hello there');
    });
  });

  describe('@langchain/anthropic', () => {
    const model = () =>
      new ChatAnthropic({
        apiKey: person.token,
        anthropicApiUrl: app.proxyUrl,
        model: MODEL,
        maxRetries: 0,
        maxTokens: 64,
      });

    it('invokes', async () => {
      expect((await model().invoke('hello there')).text).toContain('hello there');
    });

    it('streams', async () => {
      const parts: string[] = [];
      for await (const chunk of await model().stream('hello there')) parts.push(chunk.text);
      expect(parts.join('')).toContain('hello there');
    });
  });
});
