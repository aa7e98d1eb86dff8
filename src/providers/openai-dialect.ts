import { OPENAI_EXPLORER } from './openai-explorer';
import { MeteredEndpoint } from './metered-endpoint';
import { Provider } from './provider';
import { MIB, NO_PARAMETERS, REQUEST_BASICS, RESPONSE_BASICS, RowFacts, tokenHeadersOf } from './row-facts';

/** The `code` of an error by its status, as OpenAI names them; null for any other. */
const CODES: Readonly<Record<number, string>> = {
  401: 'invalid_api_key',
  404: 'not_found',
  413: 'request_too_large',
  426: 'upgrade_required',
  429: 'rate_limit_exceeded',
};

/** The error of a spend limit: Codex shows its text and stops; of any other type it shows none. */
const SPEND_LIMIT = { type: 'usage_limit_reached', code: 'budget_exceeded' };

/** The paths begin with `/v1`, or at Azure with `/openai/v1` or `/openai/deployments/{model}`. */
const METERED: readonly MeteredEndpoint[] = [
  {
    method: 'POST',
    path: /^(?:\/openai)?\/v1\/responses\/input_tokens\/?$/,
    endpoint: 'count_tokens',
    format: 'none',
  },
  {
    method: 'POST',
    path: /^(?:\/openai)?(?:\/v1)?\/responses(?:\/compact|\/[^/]+\/cancel)?\/?$/,
    endpoint: 'responses',
    format: 'responses',
  },
  {
    method: 'GET',
    path: /^(?:\/openai)?(?:\/v1)?\/responses\/[^/]+\/?$/,
    endpoint: 'responses',
    format: 'responses',
  },
  {
    method: 'POST',
    path: /^(?:\/openai)?(?:\/v1|\/deployments\/(?<model>[^/]+))?\/chat\/completions\/?$/,
    endpoint: 'chat.completions',
    format: 'chat_completions',
  },
  {
    method: 'POST',
    path: /^(?:\/openai)?(?:\/v1|\/deployments\/(?<model>[^/]+))?\/completions\/?$/,
    endpoint: 'completions',
    format: 'chat_completions',
  },
  {
    method: 'POST',
    path: /^(?:\/openai)?(?:\/v1|\/deployments\/(?<model>[^/]+))?\/embeddings\/?$/,
    endpoint: 'embeddings',
    format: 'chat_completions',
  },
  {
    method: 'POST',
    path: /^(?:\/openai)?(?:\/v1)?\/(?:files|uploads(?:\/[^/]+\/(?:parts|complete|cancel))?)\/?$/,
    endpoint: 'files',
    format: 'none',
  },
];

/** Creates the row of a provider that speaks OpenAI's API, as used by Codex, the SDKs and many servers of open models. */
export function openaiRow({ id, name, origin, enabled = true, key }: RowFacts): Provider {
  return {
    id,
    name,
    dialect: 'openai',
    enabled,
    prefix: `/proxy/${id}`,
    origin,
    tokenHeaders: tokenHeadersOf(key),
    tokenParameters: NO_PARAMETERS,
    key: {
      maxLength: 512,
      endpoint: `/api/v1/me/keys/${id}`,
      header: 'authorization',
      scheme: key.header === undefined ? 'Bearer ' : '',
      ...key,
    },
    requestHeaders: {
      names: [
        ...REQUEST_BASICS,
        ...['session-id', 'session_id', 'thread-id', 'conversation_id', 'originator', 'version'],
        ...['x-client-request-id', 'idempotency-key'],
      ],
      families: ['openai-', 'x-openai-', 'x-codex-'],
      // They name an account, which an organization's key is not of: the answer would be a 401.
      withOwnKey: ['openai-organization', 'openai-project'],
    },
    responseHeaders: {
      names: [...RESPONSE_BASICS, 'x-request-id', 'x-models-etag', 'x-reasoning-included'],
      families: ['openai-', 'x-ratelimit-', 'x-codex-'],
    },
    bodyLimits: {
      byDefault: 64 * MIB,
      byPath: ['/v1/files', '/v1/uploads', '/v1/containers'].map((path) => ({ path, bytes: 512 * MIB })),
    },
    metered: METERED,
    agentHeaders: {
      session: ['session-id', 'session_id', 'conversation_id'],
      agent: ['thread-id'],
      parentAgent: [],
    },
    errors: {
      contentType: 'application/json',
      envelope: ({ status, message, limit }) =>
        JSON.stringify({
          error:
            limit?.kind === 'spend'
              ? { message, param: null, ...SPEND_LIMIT, resets_at: limit.resetsAt }
              : { message, type: typeOf(status), param: null, code: CODES[status] ?? null },
        }),
      requestIdHeaders: ['x-request-id'],
      noRetry: ['x-should-retry', 'false'],
    },
    wrongBaseUrl: {
      atRoot: [],
      behindPrefix: ['/v1/v1'],
      advice: '/v1: with /v1 at the end, which clients do not add',
    },
    webSockets: {
      paths: ['/v1/responses', '/v1/realtime'],
      tokenProtocol: 'openai-insecure-api-key.',
      withOwnKey: ['openai-organization.', 'openai-project.'],
    },
    keyCheck: {
      path: '/v1/models',
      headers: ['accept', 'application/json', 'user-agent', 'tracevault'],
      refusals: [401, 403],
    },
    clients: {
      baseUrl: 'OPENAI_BASE_URL',
      tokens: [{ variable: 'OPENAI_API_KEY', header: 'Authorization: Bearer' }],
      bearer: 'OPENAI_API_KEY',
      path: '/v1',
    },
    explorer: OPENAI_EXPLORER,
  };
}

function typeOf(status: number): string {
  if (status === 429) return 'requests';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}
