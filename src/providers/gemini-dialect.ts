import { GEMINI_EXPLORER } from './gemini-explorer';
import { MeteredEndpoint } from './metered-endpoint';
import { Provider, ReachedLimit } from './provider';
import { MIB, REQUEST_BASICS, RESPONSE_BASICS, RowFacts, tokenHeadersOf } from './row-facts';

/** Google's names for the statuses of errors. */
const STATUSES: Readonly<Record<number, string>> = {
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
};

/** The model stands in the path; `/v1beta/openai` is Google's endpoint for clients of OpenAI's API. */
const METERED: readonly MeteredEndpoint[] = [
  {
    method: 'POST',
    path: /^\/v1\w*\/(?:.+\/)?(?<model>[^/:]+):(?:generateContent|streamGenerateContent)$/,
    endpoint: 'generate_content',
    format: 'generate_content',
  },
  {
    method: 'POST',
    path: /^\/v1\w*\/(?:.+\/)?(?<model>[^/:]+):countTokens$/,
    endpoint: 'count_tokens',
    format: 'none',
  },
  {
    method: 'POST',
    path: /^\/upload\/v1\w*\/files\/?$/,
    endpoint: 'files',
    format: 'none',
  },
  {
    method: 'POST',
    path: /^\/v1\w*\/openai\/chat\/completions\/?$/,
    endpoint: 'chat.completions',
    format: 'chat_completions',
  },
];

/** Creates the row of a provider that speaks Google's Gemini API, as used by the Gemini CLI and the SDKs. */
export function geminiRow({ id, name, origin, enabled = true, key }: RowFacts): Provider {
  return {
    id,
    name,
    dialect: 'gemini',
    enabled,
    prefix: `/proxy/${id}`,
    origin,
    tokenHeaders: tokenHeadersOf(key, 'x-goog-api-key'),
    tokenParameters: {
      accepted: ['key', '$key'],
      // Google's other names for a credential go as well, so that exactly one credential is sent.
      withheld: ['key', '$key', 'access_token', '$access_token', 'oauth_token'],
    },
    key: {
      maxLength: 256,
      header: 'x-goog-api-key',
      scheme: '',
      endpoint: `/api/v1/me/keys/${id}`,
      ...key,
    },
    requestHeaders: {
      names: [...REQUEST_BASICS, 'x-server-timeout'],
      families: ['x-goog-'],
      withOwnKey: ['x-goog-user-project'], // it names the project that pays
    },
    responseHeaders: {
      names: [...RESPONSE_BASICS, 'x-request-id', 'server-timing'],
      families: ['x-goog-', 'x-gemini-'],
    },
    bodyLimits: {
      byDefault: 100 * MIB,
      byPath: [{ path: '/upload/v1beta/files', bytes: 2048 * MIB }],
    },
    resumableUploads: {
      header: 'x-goog-upload-protocol',
      value: 'resumable',
      urlHeader: 'x-goog-upload-url',
      instead: 'with X-Goog-Upload-Protocol: multipart, or as inline_data of the message',
    },
    metered: METERED,
    agentHeaders: { session: [], agent: [], parentAgent: [] },
    errors: {
      contentType: 'application/json',
      envelope: ({ status, message, limit }) =>
        JSON.stringify({
          error: {
            code: status,
            message,
            status: statusOf(status),
            ...(limit && { details: [detailOf(limit)] }),
          },
        }),
      requestIdHeaders: ['x-request-id'],
      noRetry: ['x-should-retry', 'false'],
    },
    wrongBaseUrl: {
      atRoot: [],
      behindPrefix: ['/v1beta/v1beta', '/v1beta/v1'],
      advice: ': without /v1beta, which clients add themselves',
    },
    webSockets: undefined,
    keyCheck: {
      path: '/v1beta/models?pageSize=1',
      headers: ['accept', 'application/json', 'user-agent', 'tracevault'],
      refusals: [401, 403],
      refusalText: /API_KEY_INVALID|API key not valid/, // with 400, as a wrong parameter has
    },
    clients: {
      baseUrl: 'GOOGLE_GEMINI_BASE_URL',
      tokens: [{ variable: 'GEMINI_API_KEY', header: 'x-goog-api-key' }],
      bearer: 'GEMINI_API_KEY',
      path: '',
    },
    explorer: GEMINI_EXPLORER,
  };
}

/** Google's clients give up at once on a quota of a day, whatever its period, and wait as a RetryInfo says. */
function detailOf({ kind, secondsLeft }: ReachedLimit): object {
  return kind === 'spend'
    ? {
        '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
        violations: [{ quotaMetric: 'tracevault/spend', quotaId: 'TraceVaultSpendPerDay' }],
      }
    : { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${secondsLeft}s` };
}

function statusOf(status: number): string {
  return STATUSES[status] ?? (status >= 500 ? 'INTERNAL' : 'INVALID_ARGUMENT');
}
