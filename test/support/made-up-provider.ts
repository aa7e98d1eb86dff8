import { Provider } from '../../src/providers/provider';

/** A provider that is as different from Anthropic as possible, as an example of a second row. */
export const ACME: Provider = {
  id: 'acme',
  name: 'Acme',
  dialect: 'openai',
  enabled: true,
  prefix: '/proxy/acme',
  origin: 'https://acme.invalid',
  tokenHeaders: [],
  tokenParameters: { accepted: [], withheld: [] },
  key: {
    called: 'an Acme key',
    prefix: 'AIza-acme-',
    maxLength: 64,
    otherKinds: [],
    header: 'authorization',
    scheme: 'Bearer ',
    endpoint: '/api/v1/me/keys/acme',
  },
  requestHeaders: {
    names: ['content-type', 'content-length', 'content-encoding', 'accept'],
    families: ['acme-'],
    withOwnKey: ['acme-account'],
  },
  responseHeaders: {
    names: ['content-type', 'content-length', 'content-encoding', 'x-acme-request-id'],
    families: ['acme-'],
  },
  metered: [],
  bodyLimits: { byDefault: 1024 * 1024, byPath: [{ path: '/v2/uploads', bytes: 2 * 1024 * 1024 }] },
  agentHeaders: { session: ['acme-run'], agent: [], parentAgent: [] },
  errors: {
    contentType: 'application/problem+json',
    envelope: ({ status, type, message, requestId }) =>
      JSON.stringify({ problem: message, code: `acme_${type}`, status, ref: requestId ?? null }),
    requestIdHeaders: ['x-acme-request-id'],
    noRetry: ['acme-retry', 'no'],
  },
  wrongBaseUrl: { atRoot: ['/v2'], behindPrefix: ['/v2/v2'], advice: '/v2' },
  webSockets: undefined,
  keyCheck: { path: '/v2/whoami', headers: ['accept', 'text/plain'], refusals: [418] },
  clients: {
    baseUrl: 'ACME_URL',
    tokens: [{ variable: 'ACME_TOKEN', header: 'Authorization: Bearer' }],
    bearer: 'ACME_TOKEN',
    path: '/v2',
  },
  explorer: {
    endpoints: [
      {
        method: 'post',
        path: '/v2/talk',
        summary: 'Talk',
        parameters: [],
        body: { say: 'hello' },
        answer: { description: 'What it says', example: { said: 'hello' } },
      },
    ],
    parameters: [],
    examplePaths: { get: 'v2/whoami', others: 'v2/talk' },
    error: { component: 'AcmeError', schema: { type: 'object' } },
  },
};
