import Anthropic from '@anthropic-ai/sdk';
import { createOpenRouter } from '@openrouter/ai-sdk-provider';
import { APICallError, generateText, streamText } from 'ai';
import OpenAI from 'openai';
import { OPENROUTER } from '../src/providers/openrouter';
import { Person, useApp } from './support/app';

const MODEL = 'openai/gpt-5';

/** The clients that are used with OpenRouter, unmodified: its own, OpenAI's, and Anthropic's for its messages. */
describe('the clients of OpenRouter', () => {
  const app = useApp({
    provider: OPENROUTER,
    adjust: (config) => {
      const { openrouter = '', ...others } = config.upstream.baseUrls;
      const baseUrls = { ...others, openrouter: `${openrouter}/api` }; // its base URL has a path
      return { ...config, upstream: { ...config.upstream, baseUrls } };
    },
  });
  let person: Person;

  beforeAll(async () => {
    person = await app.signUp();
  });

  const baseURL = (): string => `${app.proxyUrl}/v1`;
  const prompt = { prompt: 'hello there', maxRetries: 0 };

  describe('with a stored key', () => {
    afterEach(() => {
      const { headers, rawHeaders, target } = app.upstream.last;
      expect(target).toMatch(/^\/api\/v1\//);
      expect(headers.authorization).toBe(`Bearer ${person.apiKey}`);
      expect(rawHeaders.join('\n')).not.toContain(person.token);
    });

    it('gets the id of a generation, which a spoken answer has in no other place', async () => {
      const response = await new OpenAI({ apiKey: person.token, baseURL: baseURL() }).chat.completions
        .create({ model: MODEL, messages: [{ role: 'user', content: 'hello there' }] })
        .asResponse();
      expect(response.headers.get('x-generation-id')).toMatch(/^gen-fake-/);
    });

    describe('@openrouter/ai-sdk-provider', () => {
      const model = () => {
        const headers = { 'HTTP-Referer': 'https://app.example', 'X-Title': 'An app' };
        return createOpenRouter({ apiKey: person.token, baseURL: baseURL(), headers }).chat(MODEL);
      };

      it('generates text, and names the application', async () => {
        expect((await generateText({ model: model(), ...prompt })).text).toContain('hello there');
        const { headers } = app.upstream.last;
        expect([headers['http-referer'], headers['x-title']]).toEqual(['https://app.example', 'An app']);
      });

      it('streams text', async () => {
        const parts: string[] = [];
        for await (const part of streamText({ model: model(), ...prompt }).textStream) parts.push(part);
        expect(parts.length).toBeGreaterThan(1);
        expect(parts.join('')).toContain('hello there');
      });

      it.each([401, 429, 503])('maps error-%d to its own error', async (status) => {
        const failing = createOpenRouter({ apiKey: person.token, baseURL: baseURL() });
        const error: unknown = await generateText({
          model: failing.chat(`error-${status}`),
          ...prompt,
        }).catch((thrown: unknown) => thrown);
        expect(APICallError.isInstance(error) && error.statusCode).toBe(status);
      });
    });

    describe('openai', () => {
      const client = (): OpenAI => new OpenAI({ apiKey: person.token, baseURL: baseURL(), maxRetries: 0 });

      it('streams a chat completion, and lists models', async () => {
        const messages = [{ role: 'user' as const, content: 'hello there' }];
        const stream = client().chat.completions.stream({ model: MODEL, messages });
        expect(await stream.finalContent()).toContain('hello there');
        expect((await client().models.list()).data.map(({ id }) => id)).toContain(MODEL);
      });
    });

    describe('@anthropic-ai/sdk', () => {
      const client = (): Anthropic =>
        new Anthropic({ authToken: person.token, apiKey: null, baseURL: app.proxyUrl, maxRetries: 0 });
      const message = {
        model: MODEL,
        max_tokens: 64,
        messages: [{ role: 'user' as const, content: 'hello there' }],
      };

      it('creates and streams a message', async () => {
        expect((await client().messages.create(message)).content[0]).toMatchObject({ type: 'text' });
        expect(await client().messages.stream(message).finalText()).toContain('hello there');
        expect(app.upstream.last.headers['anthropic-version']).toMatch(/^\d{4}-\d{2}-\d{2}$/);
      });
    });
  });

  it('are told by their own error that no key is stored', async () => {
    const { token } = await app.signUp(null);
    const model = createOpenRouter({ apiKey: token, baseURL: baseURL() }).chat(MODEL);
    const error: unknown = await generateText({ model, ...prompt }).catch((thrown: unknown) => thrown);
    expect(APICallError.isInstance(error) && [error.statusCode, error.message]).toEqual([
      401,
      expect.stringContaining('OpenRouter key'),
    ]);
  });
});
