import { deepFreeze } from '../config/deep-freeze';
import { METERED_MESSAGES } from './anthropic-dialect';
import { openaiRow } from './openai-dialect';
import { Provider } from './provider';

const ROW = openaiRow({
  id: 'openrouter',
  name: 'OpenRouter',
  origin: 'https://openrouter.ai/api',
  key: { called: 'an OpenRouter key', prefix: 'sk-or-', otherKinds: [] },
});

/** The row of OpenRouter: OpenAI's dialect, and an endpoint for messages in Anthropic's. */
export const OPENROUTER: Provider = deepFreeze({
  ...ROW,
  requestHeaders: {
    names: [...ROW.requestHeaders.names, 'http-referer', 'x-title'],
    families: [...ROW.requestHeaders.families, 'x-openrouter-', 'anthropic-'],
    withOwnKey: ROW.requestHeaders.withOwnKey,
  },
  responseHeaders: {
    names: [...ROW.responseHeaders.names, 'x-generation-id'], // the only id that a spoken answer has
    families: [...ROW.responseHeaders.families, 'x-openrouter-'],
  },
  metered: [...ROW.metered, ...METERED_MESSAGES].map((one) => ({ ...one, reportsCost: true })),
  webSockets: undefined,
  wrongBaseUrl: {
    ...ROW.wrongBaseUrl,
    behindPrefix: [
      ...['/v1/v1', '/api', '/chat', '/responses', '/messages', '/models', '/embeddings', '/completions'],
    ],
  },
  keyCheck: { ...ROW.keyCheck, path: '/v1/key' }, // the list of models needs no key
  clients: {
    baseUrl: 'OPENAI_BASE_URL',
    tokens: [
      { variable: 'OPENROUTER_API_KEY', header: 'Authorization: Bearer' },
      { variable: 'OPENAI_API_KEY', header: 'Authorization: Bearer' },
    ],
    bearer: 'OPENROUTER_API_KEY',
    path: '/v1',
  },
});
