import { ANTHROPIC_KEY_PREFIX } from '../config/credential-shapes';
import { deepFreeze } from '../config/deep-freeze';
import { ANTHROPIC_EXPLORER } from './anthropic-explorer';
import { Provider } from './provider';

const MIB = 1024 * 1024;
const CREATE_KEY = 'Create an API key at https://console.anthropic.com/settings/keys';

/** The row of Anthropic's API, as used by Claude Code, the SDKs and other clients. */
export const ANTHROPIC: Provider = deepFreeze({
  id: 'anthropic',
  name: 'Anthropic',
  prefix: '/proxy/anthropic',
  origin: 'https://api.anthropic.com',
  tokenHeader: 'x-api-key',
  key: {
    called: 'an Anthropic key',
    prefix: ANTHROPIC_KEY_PREFIX,
    maxLength: 256,
    otherKinds: [
      {
        prefix: `${ANTHROPIC_KEY_PREFIX}admin`,
        code: 'admin_key',
        problem: `an admin key, which manages an organization and can send no messages. ${CREATE_KEY}, and keep the admin key out of here.`,
      },
      {
        prefix: `${ANTHROPIC_KEY_PREFIX}oat`,
        code: 'subscription_token',
        problem: `the token of a Claude subscription, which Anthropic takes from its own apps alone. ${CREATE_KEY}.`,
      },
    ],
    header: 'x-api-key',
    scheme: '',
    endpoint: '/api/v1/me/anthropic-key',
  },
  requestHeaders: {
    names: ['accept', 'accept-encoding', 'content-type', 'content-encoding', 'content-length', 'user-agent'],
    // Prefixes, not names: a header that Anthropic adds later belongs to a field of the body, and one without the other is a 400.
    families: ['anthropic-', 'x-claude-code-'],
  },
  responseHeaders: {
    names: [
      'content-type',
      'content-encoding',
      'content-length',
      'content-disposition',
      'cache-control',
      'request-id',
      'retry-after',
      'retry-after-ms',
      'x-should-retry',
    ],
    families: ['anthropic-'],
  },
  bodyLimits: {
    byDefault: 32 * MIB,
    byPath: [
      { path: '/v1/messages/batches', bytes: 256 * MIB },
      { path: '/v1/files', bytes: 500 * MIB },
    ],
  },
  errors: {
    contentType: 'application/json',
    envelope: ({ type, message, requestId }) =>
      JSON.stringify({ type: 'error', error: { type, message }, request_id: requestId }),
    requestIdHeaders: ['request-id'],
    noRetry: ['x-should-retry', 'false'],
  },
  wrongBaseUrl: {
    atRoot: ['/v1'],
    behindPrefix: ['/v1/v1'],
    advice: ': without /v1, which clients add themselves',
  },
  keyCheck: {
    path: '/v1/models?limit=1',
    headers: ['accept', 'application/json', 'anthropic-version', '2023-06-01', 'user-agent', 'tracevault'],
    refusals: [400, 401, 402, 403],
  },
  clients: {
    baseUrl: 'ANTHROPIC_BASE_URL',
    tokens: [
      { variable: 'ANTHROPIC_API_KEY', header: 'x-api-key' },
      { variable: 'ANTHROPIC_AUTH_TOKEN', header: 'Authorization: Bearer' },
    ],
    bearer: 'ANTHROPIC_AUTH_TOKEN',
  },
  explorer: ANTHROPIC_EXPLORER,
});
