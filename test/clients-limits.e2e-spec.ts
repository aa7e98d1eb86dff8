import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import { ChatAnthropic } from '@langchain/anthropic';
import { generateText } from 'ai';
import AnthropicV0 from 'anthropic-sdk-0';
import { setTimeout as sleep } from 'node:timers/promises';
import OpenAI from 'openai';
import { runInThisContext } from 'node:vm';
import { Person, useApp } from './support/app';
import { readText } from './support/manifests';
import { tableOf } from './support/markdown';

const CLAUDE = 'claude-sonnet-5';
const GPT = 'gpt-5';
const messages = [{ role: 'user' as const, content: 'hello there' }];
const message = { model: CLAUDE, max_tokens: 64, messages };
/** The name under which Node's fetch keeps its connections, and Google's SDK looks for them. */
const DISPATCHER = Symbol.for('undici.globalDispatcher.1');

/** A client as it comes, with its own retries. */
interface Client {
  readonly name: string;
  /** @param url the server's. */
  readonly send: (token: string, url: string) => Promise<unknown>;
}

const CLIENTS: readonly Client[] = [
  {
    name: '`@anthropic-ai/sdk` 1.x',
    send: (apiKey, url) =>
      new Anthropic({ apiKey, baseURL: `${url}/proxy/anthropic` }).messages.create(message),
  },
  {
    name: '`@anthropic-ai/sdk` 0.x',
    send: (apiKey, url) =>
      new AnthropicV0({ apiKey, baseURL: `${url}/proxy/anthropic` }).messages.create(message),
  },
  {
    name: '`openai` 6.x, responses',
    send: (apiKey, url) =>
      new OpenAI({ apiKey, baseURL: `${url}/proxy/openai/v1` }).responses.create({
        model: GPT,
        input: 'hello',
      }),
  },
  {
    name: '`openai` 6.x, chat',
    send: (apiKey, url) =>
      new OpenAI({ apiKey, baseURL: `${url}/proxy/openai/v1` }).chat.completions.create({
        model: GPT,
        messages,
      }),
  },
  {
    name: '`@google/genai` 2.x',
    send: (apiKey, url) =>
      new GoogleGenAI({ apiKey, httpOptions: { baseUrl: `${url}/proxy/gemini` } }).models.generateContent({
        model: 'gemini-2.5-pro',
        contents: 'hello there',
      }),
  },
  {
    name: '`ai` 6.x with `@ai-sdk/anthropic`',
    send: (apiKey, url) => {
      const model = createAnthropic({ apiKey, baseURL: `${url}/proxy/anthropic/v1` })(CLAUDE);
      return generateText({ model, prompt: 'hello there' });
    },
  },
  {
    name: '`ai` 6.x with `@ai-sdk/openai`',
    send: (apiKey, url) => {
      const model = createOpenAI({ apiKey, baseURL: `${url}/proxy/openai/v1` })(GPT);
      return generateText({ model, prompt: 'hello there' });
    },
  },
  {
    name: '`@langchain/anthropic` 1.x, `maxRetries: 1`',
    send: (apiKey, url) =>
      new ChatAnthropic({
        ...{ apiKey, anthropicApiUrl: `${url}/proxy/anthropic`, model: CLAUDE },
        ...{ maxTokens: 64, maxRetries: 1 },
      }).invoke('hello there'),
  },
];

const SPEND = { kind: 'spend', period: 'day', amount_usd: '0.00' };
const RATE = { kind: 'rate', per_minute: { requests: 1 } };
const MODELS = { kind: 'models', allow: ['claude-haiku-*'] };

/** The clients themselves, unmodified: what they make of each refusal, and how often they ask. */
describe('what clients make of limits', () => {
  const app = useApp();
  const seen = new Map<string, string[]>(CLIENTS.map(({ name }) => [name, []]));

  beforeAll(() => {
    // A suite's global object is Jest's own, in which Google's SDK would not find what Node's has.
    const node = runInThisContext('globalThis') as Record<symbol, unknown>;
    Object.assign(globalThis, { [DISPATCHER]: node[DISPATCHER] });
  });
  afterEach(() => jest.useRealTimers());

  /** Signs up somebody with a key for each provider, whose organization has a limit. */
  const limited = async (limit: object): Promise<Person> => {
    const person = await app.signUp();
    const { token, org } = person;
    await app.storeKey(token, 'sk-openai-of-a-test', 'openai');
    await app.storeKey(token, 'AIza0123456789abcdef', 'gemini');
    const counted = 'amount_usd' in limit ? { count_personal_keys: true } : {};
    const body = { scope: 'everyone', ...counted, ...limit };
    expect((await app.api('POST', `orgs/${org}/limits`, { token, body })).status).toBe(201);
    return person;
  };
  const statusesOf = ({ userId }: Person): number[] =>
    app.log
      .split('\n')
      .filter((line) => line.includes(userId) && line.includes('"path":"/proxy/'))
      .map((line) => (JSON.parse(line) as { status: number }).status);
  const failureOf = (sent: Promise<unknown>): Promise<Error> =>
    sent.then(
      () => Promise.reject(new Error('It was not refused')),
      (error: unknown) => error as Error,
    );
  const note = (name: string, requests: number, end: string): void => {
    seen.get(name)!.push(`${requests} ${requests === 1 ? 'request' : 'requests'}, ${end}`);
  };

  it.each(CLIENTS.map((client) => [client.name, client] as const))(
    '%s shows which limit of money it was',
    async (name, { send }) => {
      const person = await limited(SPEND);
      const error = await failureOf(send(person.token, app.url));
      expect(error.message).toContain('blocks every call that costs something');
      const statuses = statusesOf(person);
      expect(new Set(statuses)).toEqual(new Set([429]));
      note(name, statuses.length, `\`${error.constructor.name}\``);
    },
  );

  it('a rate: they wait as long as they are told, and go on', async () => {
    jest.useFakeTimers({
      now: new Date('2026-12-01T12:00:58Z'),
      doNotFake: [
        ...['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate'],
        ...['queueMicrotask', 'nextTick', 'hrtime', 'performance'],
      ] as never,
    });
    const runs = CLIENTS.map(async ({ name, send }) => {
      const person = await limited(RATE);
      await send(person.token, app.url); // the one of this minute
      const sent = send(person.token, app.url).then(
        () => 'goes on',
        (error: unknown) => `\`${(error as Error).constructor.name}\``,
      );
      while (statusesOf(person).length < 2) await sleep(20);
      return { name, person, sent };
    });
    const begun = await Promise.all(runs);
    jest.setSystemTime(new Date('2026-12-01T12:01:01Z'));
    for (const { name, person, sent } of begun) {
      const end = await sent;
      const [, ...statuses] = statusesOf(person);
      expect(statuses[0]).toBe(429);
      note(name, statuses.length, end);
    }
  });

  it.each(CLIENTS.map((client) => [client.name, client] as const))(
    '%s shows that the model is not allowed, and asks once',
    async (name, { send }) => {
      const person = await limited(MODELS);
      const error = await failureOf(send(person.token, app.url));
      expect(error.message).toContain('claude-haiku-*');
      expect(statusesOf(person)).toEqual([403]);
      note(name, 1, `\`${error.constructor.name}\``);
    },
  );

  it('is in docs/limits.md', () => {
    const rows = [...seen].map(([name, cells]) => [name, ...cells]);
    expect(readText('docs/limits.md')).toContain(tableOf(['client', 'spend', 'rate', 'model'], rows));
  });
});
