import { TokenCounts } from '../../src/metering/usage';
import { ANTHROPIC } from '../../src/providers/anthropic';
import { GEMINI } from '../../src/providers/gemini';
import { OPENAI } from '../../src/providers/openai';
import { Provider } from '../../src/providers/provider';

/** A request as clients send it, and what its answer says that it used. */
export interface CallShape {
  readonly name: string;
  readonly provider: Provider;
  readonly model: string;
  readonly session: string;
  /** The size of the request's body in bytes. */
  readonly bytes: number;
  /** The maximum number of output tokens that the request allows; undefined if it does not say. */
  readonly maxOutputTokens?: number;
  readonly hasOutput?: false;
  readonly used: Partial<TokenCounts>;
}

const of = (provider: Provider, model: string, session: string) => ({ provider, model, session });
const OPUS = of(ANTHROPIC, 'claude-opus-5', 'agent');
const SONNET = of(ANTHROPIC, 'claude-sonnet-5', 'program');
const CODEX = of(OPENAI, 'gpt-5', 'codex');
const CHAT = of(OPENAI, 'gpt-5', 'chat');
const GOOGLE = of(GEMINI, 'gemini-2.5-pro', 'gemini');
const KB = 1_000;

/** The sessions of five clients, call by call: the later calls of each have the earlier ones to go by. */
export const CALL_SHAPES: readonly CallShape[] = [
  {
    ...{ ...OPUS, model: 'claude-haiku-4-5', name: 'agent: a title for the session' },
    ...{ bytes: 2.4 * KB, maxOutputTokens: 512, used: { input: 610, output: 14 } },
  },
  {
    ...{ ...OPUS, name: 'agent: its first turn, which writes the cache' },
    ...{ bytes: 98 * KB, maxOutputTokens: 32_000, used: { input: 3, cacheWrite5m: 24_300, output: 310 } },
  },
  {
    ...{ ...OPUS, name: 'agent: a turn that calls a tool' },
    bytes: 112 * KB,
    ...{ maxOutputTokens: 32_000, used: { input: 4, cacheRead: 24_300, cacheWrite5m: 3_200, output: 540 } },
  },
  {
    ...{ ...OPUS, name: 'agent: a turn after three files were read' },
    bytes: 190 * KB,
    ...{ maxOutputTokens: 32_000, used: { input: 4, cacheRead: 27_500, cacheWrite5m: 19_800, output: 180 } },
  },
  {
    ...{ ...OPUS, name: 'agent: a turn that writes a long file' },
    bytes: 198 * KB,
    ...{ maxOutputTokens: 32_000, used: { input: 4, cacheRead: 47_300, cacheWrite5m: 1_900, output: 6_800 } },
  },
  {
    ...{ ...OPUS, name: 'agent: a turn deep in its context' },
    bytes: 610 * KB,
    ...{ maxOutputTokens: 32_000, used: { input: 4, cacheRead: 148_000, cacheWrite5m: 2_100, output: 420 } },
  },
  {
    ...{ ...OPUS, name: 'agent: the same an hour later, the cache is gone' },
    ...{ bytes: 612 * KB, maxOutputTokens: 32_000, used: { input: 4, cacheWrite5m: 150_400, output: 390 } },
  },
  {
    ...{ ...OPUS, model: 'claude-sonnet-5', name: 'agent: a subagent’s first turn' },
    ...{ bytes: 64 * KB, maxOutputTokens: 32_000, used: { input: 3, cacheWrite5m: 15_600, output: 230 } },
  },
  {
    ...{ ...SONNET, name: 'SDK: a short question' },
    ...{ bytes: 0.9 * KB, maxOutputTokens: 1_024, used: { input: 210, output: 380 } },
  },
  {
    ...{ ...SONNET, name: 'SDK: a long document, not cached' },
    ...{ bytes: 236 * KB, maxOutputTokens: 4_096, used: { input: 58_000, output: 900 } },
  },
  {
    ...{ ...SONNET, name: 'SDK: a picture of 1 MB in base64' },
    ...{ bytes: 1_400 * KB, maxOutputTokens: 1_024, used: { input: 1_600, output: 250 } },
  },
  {
    ...{ ...SONNET, name: 'SDK: a long time to think' },
    ...{ bytes: 6 * KB, maxOutputTokens: 64_000, used: { input: 1_500, output: 21_000 } },
  },
  { ...CODEX, name: 'Codex: its first turn', bytes: 48 * KB, used: { input: 11_800, output: 640 } },
  {
    ...{ ...CODEX, name: 'Codex: a turn from the cache' },
    ...{ bytes: 96 * KB, used: { input: 1_900, cacheRead: 21_500, output: 380 } },
  },
  {
    ...{ ...CODEX, name: 'Codex: a turn with much reasoning' },
    ...{ bytes: 130 * KB, used: { input: 2_400, cacheRead: 29_000, output: 9_200 } },
  },
  { ...CHAT, name: 'chat: a question without a maximum', bytes: 3 * KB, used: { input: 700, output: 420 } },
  {
    ...{ ...CHAT, name: 'chat: three answers of at most 500 tokens' },
    ...{ bytes: 3 * KB, maxOutputTokens: 1_500, used: { input: 700, output: 1_150 } },
  },
  {
    ...{ ...CHAT, model: 'text-embedding-3-large', name: 'embeddings of 30 KB of text' },
    ...{ bytes: 30 * KB, hasOutput: false, used: { input: 7_400 } },
  },
  {
    ...{ ...GOOGLE, name: 'Gemini: a question without a maximum' },
    ...{ bytes: 20 * KB, used: { input: 4_900, output: 1_300 } },
  },
  {
    ...{ ...GOOGLE, name: 'Gemini: a large context, mostly cached' },
    bytes: 300 * KB,
    ...{ maxOutputTokens: 8_192, used: { input: 12_000, cacheRead: 60_000, output: 2_500 } },
  },
];
