import { ANTHROPIC } from '../../src/providers/anthropic';
import { GEMINI } from '../../src/providers/gemini';
import { OPENAI } from '../../src/providers/openai';
import { openaiRow } from '../../src/providers/openai-dialect';
import { Provider } from '../../src/providers/provider';

/** A provider under test: its row, and the expected behaviour, written by hand rather than derived from the row. */
export interface ProviderUnderTest {
  readonly name: string;
  readonly provider: Provider;
  readonly prefix: string;
  /** Returns the header in which a client sends its token. */
  readonly tokenHeader: (token: string) => [name: string, value: string];
  /** Returns the header in which the stored key arrives at the upstream. */
  readonly keyHeader: (key: string) => [name: string, value: string];
  readonly paths: {
    readonly message: string;
    readonly list: string;
    /** The path of an endpoint with a large response body. */
    readonly download: string;
  };
  /** Request headers that are forwarded unchanged; one of them is repeated. */
  readonly requestHeaders: readonly (readonly [name: string, value: string])[];
  /** Two of these request headers in lower case: an optional one, and a required one. */
  readonly oneHeader: string;
  readonly otherHeader: string;
  /** Response headers that are passed through unchanged. */
  readonly responseHeaders: readonly (readonly [name: string, value: string])[];
  /** A header of an allowed family that `Connection` names, and that is therefore not forwarded. */
  readonly hopHeader: string;
  readonly requestIdHeader: string;
  readonly mebibytes: number;
  readonly mebibytesByPath: readonly (readonly [path: string, mebibytes: number])[];
  /** The request targets of clients with a wrong base URL. */
  readonly wrongTargets: readonly string[];
  readonly errorContentType: string;
  /** Returns the expected body of the proxy's own errors. */
  readonly envelope: (error: { type: unknown; message: unknown; requestId: unknown }) => object;
  /** The header in errors that must not be retried. */
  readonly noRetry: string;
}

/** The type of an error in OpenAI's envelope, and its code, by the type that the other dialects have. */
const OPENAI_WORDS: Readonly<Record<string, readonly [type: string, code: string | null]>> = {
  authentication_error: ['invalid_request_error', 'invalid_api_key'],
  request_too_large: ['invalid_request_error', 'request_too_large'],
  rate_limit_error: ['requests', 'rate_limit_exceeded'],
  upgrade_required: ['invalid_request_error', 'upgrade_required'],
};

/** The code and status of an error in Google's envelope. */
const GOOGLE_WORDS: Readonly<Record<string, readonly [code: number, status: string]>> = {
  authentication_error: [401, 'UNAUTHENTICATED'],
  request_too_large: [413, 'INVALID_ARGUMENT'],
  rate_limit_error: [429, 'RESOURCE_EXHAUSTED'],
  upgrade_required: [426, 'INVALID_ARGUMENT'],
};

const openaiUnderTest = (provider: Provider): ProviderUnderTest => ({
  name: provider.name,
  provider,
  prefix: `/proxy/${provider.id}`,
  tokenHeader: (token) => ['authorization', `Bearer ${token}`],
  keyHeader: (key) => ['authorization', `Bearer ${key}`],
  paths: { message: '/v1/messages', list: '/v1/models', download: '/v1/files/1/content' },
  requestHeaders: [
    ['OpenAI-Beta', 'responses=v1'],
    ['openai-beta', 'two'],
    ['OpenAI-Organization', 'org-1'],
    ['openai-project', 'proj-1'],
    ['x-codex-turn-state', 'state'],
    ['X-OpenAI-Subagent', 'review'],
    ['session_id', 'abc'],
    ['Session-Id', 'abc'],
    ['thread-id', 'abc'],
    ['conversation_id', 'abc'],
    ['originator', 'codex_cli_rs'],
    ['version', '1.0'],
    ['x-client-request-id', 'abc'],
    ['Idempotency-Key', 'abc'],
    ['User-Agent', 'codex/1.0'],
    ['Content-Encoding', 'zstd'],
    ['Content-Type', 'application/json'],
  ],
  oneHeader: 'openai-beta',
  otherHeader: 'originator',
  responseHeaders: [
    ['Content-Type', 'text/event-stream'],
    ['X-Request-Id', 'req_vendor'],
    ['openai-processing-ms', '7'],
    ['x-ratelimit-remaining-requests', '7'],
    ['x-codex-turn-state', 'state'],
    ['x-models-etag', 'e'],
    ['x-reasoning-included', 'true'],
    ['Retry-After', '7'],
    ['retry-after-ms', '7000'],
    ['x-should-retry', 'true'],
  ],
  hopHeader: 'openai-hop',
  requestIdHeader: 'x-request-id',
  mebibytes: 64,
  mebibytesByPath: [
    ['/v1/files', 512],
    ['/v1/uploads/u/parts', 512],
    ['/v1/filesystem', 64],
    ['/v1/responses', 64],
  ],
  wrongTargets: [`/proxy/${provider.id}/v1/v1/responses`],
  errorContentType: 'application/json',
  envelope: ({ type, message }) => {
    const [word, code] = OPENAI_WORDS[String(type)] ?? ['', null];
    return {
      error: {
        message,
        type: word || expect.stringMatching(/^(invalid_request|server)_error$/),
        param: null,
        code,
      },
    };
  },
  noRetry: 'x-should-retry: false',
});

/** A provider of the operator's own, made as from its file. */
export const OWN = openaiRow({
  id: 'own-vllm',
  name: 'Own vLLM',
  origin: 'http://vllm.invalid',
  key: { called: 'a key for Own vLLM', prefix: '', otherKinds: [] },
});

/** The providers under test; each suite of the proxy runs once per provider. */
export const PROVIDERS_UNDER_TEST: readonly ProviderUnderTest[] = [
  {
    name: ANTHROPIC.name,
    provider: ANTHROPIC,
    prefix: '/proxy/anthropic',
    tokenHeader: (token) => ['x-api-key', token],
    keyHeader: (key) => ['x-api-key', key],
    paths: { message: '/v1/messages', list: '/v1/models', download: '/v1/files/1/content' },
    requestHeaders: [
      ['Anthropic-Version', '2099-01-01'],
      ['anthropic-beta', 'one-2026-01-01,two'],
      ['anthropic-beta', 'three'],
      ['anthropic-dangerous-direct-browser-access', 'true'],
      ['ANTHROPIC-brand-new', 'yes'],
      ['X-Claude-Code-Session-Id', 'abc'],
      ['x-claude-code-anything', '1'],
      ['User-Agent', 'claude-cli/2.1'],
      ['Accept', 'application/json'],
      ['Content-Type', 'application/json'],
    ],
    oneHeader: 'anthropic-beta',
    otherHeader: 'anthropic-version',
    responseHeaders: [
      ['Content-Type', 'text/event-stream'],
      ['Cache-Control', 'no-cache'],
      ['Content-Disposition', 'attachment'],
      ['Request-Id', 'req_vendor'],
      ['Retry-After', '7'],
      ['retry-after-ms', '7000'],
      ['x-should-retry', 'true'],
      ['anthropic-ratelimit-requests-remaining', '1'],
      ['anthropic-brand-new', 'yes'],
    ],
    hopHeader: 'anthropic-hop',
    requestIdHeader: 'request-id',
    mebibytes: 32,
    mebibytesByPath: [
      ['/v1/messages/batches', 256],
      ['/v1/messages/batches?beta=true', 256],
      ['/v1/files', 500],
      ['/v1/filesystem', 32],
      ['/v1/messages/batchesx', 32],
      ['/v1/complete', 32],
    ],
    wrongTargets: [
      '/v1/messages',
      '/v1/models?limit=1000',
      '/proxy/v1/messages',
      '/proxy',
      '/proxy/anthropic/v1/v1/messages',
    ],
    errorContentType: 'application/json',
    envelope: ({ type, message, requestId }) => ({
      type: 'error',
      error: { type, message },
      request_id: requestId,
    }),
    noRetry: 'x-should-retry: false',
  },
  {
    ...openaiUnderTest(OPENAI),
    wrongTargets: [
      ...['/v1/responses', '/v1/chat/completions', '/chat/completions', '/proxy/v1/responses'],
      ...['/proxy/openai/v1/v1/responses', '/proxy/openai/responses', '/proxy/openai/chat/completions'],
    ],
  },
  openaiUnderTest(OWN),
  {
    name: GEMINI.name,
    provider: GEMINI,
    prefix: '/proxy/gemini',
    tokenHeader: (token) => ['x-goog-api-key', token],
    keyHeader: (key) => ['x-goog-api-key', key],
    paths: { message: '/v1/messages', list: '/v1/models', download: '/v1/files/1/content' },
    requestHeaders: [
      ['X-Goog-Api-Client', 'genai-js/1.0'],
      ['x-goog-upload-protocol', 'multipart'],
      ['x-goog-user-project', 'project'],
      ['X-GOOG-brand-new', 'yes'],
      ['x-goog-brand-new', 'again'],
      ['User-Agent', 'gemini-cli/1.0'],
      ['Accept', '*/*'],
      ['Content-Type', 'application/json'],
    ],
    oneHeader: 'x-goog-api-client',
    otherHeader: 'x-goog-upload-command',
    responseHeaders: [
      ['Content-Type', 'text/event-stream'],
      ['X-Request-Id', 'req_vendor'],
      ['x-goog-upload-status', 'final'],
      ['Retry-After', '7'],
    ],
    hopHeader: 'x-goog-hop',
    requestIdHeader: 'x-request-id',
    mebibytes: 100,
    mebibytesByPath: [
      ['/upload/v1beta/files', 2048],
      ['/upload/v1beta/files?uploadType=resumable', 2048],
      ['/v1beta/files', 100],
      ['/v1beta/models/m:generateContent', 100],
    ],
    wrongTargets: [
      ...['/v1beta/models/m:generateContent', '/upload/v1beta/files', '/proxy/v1beta/models'],
      '/proxy/gemini/v1beta/v1beta/models',
    ],
    errorContentType: 'application/json',
    envelope: ({ type, message }) => {
      const [code, status] = GOOGLE_WORDS[String(type)] ?? [expect.any(Number), expect.any(String)];
      return { error: { code, message, status } };
    },
    noRetry: 'x-should-retry: false',
  },
];

/** One provider for each dialect, for suites about connections and streams, which a second row with the same dialect tells nothing. */
export const DIALECTS_UNDER_TEST = PROVIDERS_UNDER_TEST.filter(({ provider }) => provider !== OWN);
