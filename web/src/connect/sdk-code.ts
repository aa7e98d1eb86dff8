import type { Provider } from './clients';

export const LANGUAGES = ['typescript', 'python'] as const;
export type Language = (typeof LANGUAGES)[number];

export const LANGUAGE_NAMES: Record<Language, string> = { typescript: 'TypeScript', python: 'Python' };

/** The code that creates a provider's SDK, which reads the base URL and the token from the environment. */
const CODE: Record<Provider['dialect'], Record<Language, string>> = {
  anthropic: {
    typescript: "import Anthropic from '@anthropic-ai/sdk';\n\nconst client = new Anthropic();",
    python: 'from anthropic import Anthropic\n\nclient = Anthropic()',
  },
  openai: {
    typescript: "import OpenAI from 'openai';\n\nconst client = new OpenAI();",
    python: 'from openai import OpenAI\n\nclient = OpenAI()',
  },
  gemini: {
    typescript: "import { GoogleGenAI } from '@google/genai';\n\nconst client = new GoogleGenAI({});",
    python: 'from google import genai\n\nclient = genai.Client()',
  },
};

export function sdkCode(dialect: Provider['dialect'], language: Language): string {
  return CODE[dialect][language];
}
