import Anthropic from '@anthropic-ai/sdk';
import { loadEnvFile } from '../src/config/env-file';
import { useApp } from './support/app';

loadEnvFile();
const key = process.env.ANTHROPIC_API_KEY;

/** Opt-in: the one place where the tests leave this machine, and only with a key that somebody put there for it. */
(key ? describe : describe.skip)('the real API', () => {
  const app = useApp({ env: { TRACEVAULT_ANTHROPIC_UPSTREAM: 'https://api.anthropic.com' } });
  let client: Anthropic;

  beforeAll(async () => {
    const { token } = await app.signUp(key);
    client = new Anthropic({ apiKey: token, baseURL: app.proxyUrl });
  });

  const message = {
    model: process.env.ANTHROPIC_MODEL ?? 'claude-haiku-5-5',
    max_tokens: 16,
    messages: [{ role: 'user' as const, content: 'Say hi.' }],
  };

  it('answers a message', async () => {
    const answer = await client.messages.create(message);
    expect(answer.content[0]?.type).toBe('text');
  });

  it('streams a message', async () => {
    const types: string[] = [];
    for await (const event of client.messages.stream(message)) types.push(event.type);
    expect(types.at(-1)).toBe('message_stop');
  });
});
