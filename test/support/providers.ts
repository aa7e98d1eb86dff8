import { ANTHROPIC } from '../../src/providers/anthropic';
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
];
