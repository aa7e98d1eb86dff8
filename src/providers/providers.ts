import { ANTHROPIC } from './anthropic';
import { GEMINI } from './gemini';
import { OPENAI } from './openai';
import { OPENROUTER } from './openrouter';
import { Provider } from './provider';

/** The table of built-in providers. The first one applies to requests that are for no provider. */
export const PROVIDERS: readonly [Provider, ...Provider[]] = [ANTHROPIC, OPENAI, GEMINI, OPENROUTER];
