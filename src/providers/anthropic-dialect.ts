import { ANTHROPIC_EXPLORER } from './anthropic-explorer';
import { MeteredEndpoint } from './metered-endpoint';
import { Provider } from './provider';
import { MIB, NO_PARAMETERS, REQUEST_BASICS, RESPONSE_BASICS, RowFacts, tokenHeadersOf } from './row-facts';

/** The start of the line that Claude Code puts before the system prompt. */
export const BILLING_LINE = 'x-anthropic-billing-header:';

/** The endpoints for messages. */
export const METERED_MESSAGES: readonly MeteredEndpoint[] = [
  { method: 'POST', path: /^\/v1\/messages\/?$/, endpoint: 'messages', format: 'messages' },
  { method: 'POST', path: /^\/v1\/messages\/count_tokens\/?$/, endpoint: 'count_tokens', format: 'none' },
];

const METERED_BATCHES: MeteredEndpoint = {
  method: 'GET',
  path: /^\/v1\/messages\/batches\/(?<batch>[^/]+)\/results\/?$/,
  endpoint: 'batches.results',
  format: 'batch_results',
};

const METERED_FILES: MeteredEndpoint = {
  method: 'POST',
  path: /^\/v1\/files\/?$/,
  endpoint: 'files',
  format: 'none',
};

/** Creates the row of a provider that speaks Anthropic's API, as used by Claude Code, the SDKs and other clients. */
export function anthropicRow({ id, name, origin, enabled = true, key }: RowFacts): Provider {
  return {
    id,
    name,
    dialect: 'anthropic',
    enabled,
    prefix: `/proxy/${id}`,
    origin,
    tokenHeaders: tokenHeadersOf(key, 'x-api-key'),
    tokenParameters: NO_PARAMETERS,
    key: { maxLength: 256, header: 'x-api-key', scheme: '', endpoint: `/api/v1/me/keys/${id}`, ...key },
    requestHeaders: {
      names: REQUEST_BASICS,
      // Prefixes, not names: a header that Anthropic adds later belongs to a field of the body, and one without the other is a 400.
      families: ['anthropic-', 'x-claude-code-'],
      withOwnKey: [],
    },
    responseHeaders: {
      names: [...RESPONSE_BASICS, 'request-id'],
      families: ['anthropic-'],
    },
    bodyLimits: {
      byDefault: 32 * MIB,
      byPath: [
        { path: '/v1/messages/batches', bytes: 256 * MIB },
        { path: '/v1/files', bytes: 500 * MIB },
      ],
    },
    metered: [...METERED_MESSAGES, METERED_BATCHES, METERED_FILES],
    agentHeaders: {
      session: ['x-claude-code-session-id'],
      agent: ['x-claude-code-agent-id'],
      parentAgent: ['x-claude-code-parent-agent-id'],
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
    webSockets: undefined,
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
      path: '',
    },
    explorer: ANTHROPIC_EXPLORER,
  };
}
