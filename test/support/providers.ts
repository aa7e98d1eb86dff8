import { ANTHROPIC } from '../../src/providers/anthropic';
import { Provider } from '../../src/providers/provider';

/** A provider as the proxy's suites meet it: its row, and what is expected of that, spelled by hand and not read from it. */
export interface ProviderUnderTest {
  readonly name: string;
  readonly provider: Provider;
  readonly prefix: string;
  /** The header line in which a client shows its token. */
  readonly tokenHeader: (token: string) => [name: string, value: string];
  /** The header in which the stored key arrives. */
  readonly keyHeader: (key: string) => [name: string, value: string];
  readonly paths: {
    readonly message: string;
    readonly list: string;
    /** One that answers with a large body. */
    readonly download: string;
  };
  /** Headers that arrive as they were sent; one of them twice. */
  readonly requestHeaders: readonly (readonly [name: string, value: string])[];
  /** One of them that is not needed, and one that is; both in lower case. */
  readonly oneHeader: string;
  readonly otherHeader: string;
  /** Headers that come back as they were sent. */
  readonly responseHeaders: readonly (readonly [name: string, value: string])[];
  /** Of an open family, and named by `Connection`. */
  readonly hopHeader: string;
  readonly requestIdHeader: string;
  readonly mebibytes: number;
  readonly mebibytesByPath: readonly (readonly [path: string, mebibytes: number])[];
  /** Targets of clients whose base URL is wrong. */
  readonly wrongTargets: readonly string[];
  readonly errorContentType: string;
  /** What every body of the proxy's own errors is like. */
  readonly envelope: (error: { type: unknown; message: unknown; requestId: unknown }) => object;
  /** What stands in the head of those that are not to be sent again. */
  readonly noRetry: string;
}

/** Each suite of the proxy runs once for each of these. */
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
