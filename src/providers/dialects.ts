import { anthropicRow, BILLING_LINE } from './anthropic-dialect';
import { geminiRow } from './gemini-dialect';
import { openaiRow } from './openai-dialect';
import { Provider } from './provider';
import { RowFacts } from './row-facts';

/** The function that creates a row, by dialect: the built-in rows and the operator's own are made by the same ones. */
export const DIALECTS: Readonly<Record<Provider['dialect'], (facts: RowFacts) => Provider>> = {
  anthropic: anthropicRow,
  openai: openaiRow,
  gemini: geminiRow,
};

/** The starts of lines before a system prompt that change on each call and that the provider's cache passes over. */
export const UNCACHED_LINES: readonly string[] = [BILLING_LINE];
