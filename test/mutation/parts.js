/** The pipe's files are of one piece, and each is a part of its own so that none takes an hour. */
const PIPE = [
  ...['headers', 'bytes', 'sse', 'abort', 'upstream'].map((name) => `test/proxy-${name}`),
  ...['failures', 'stale', 'upstream-connecting', 'request-log'].map((name) => `test/${name}`),
  'src/proxy/upstream-failure',
];

/**
 * What is changed, and which tests should notice: each file meets the suites that are about it, for a mutant that lives
 * costs all of them. None of these suites starts the built server, which would not hold the change.
 */
module.exports = {
  'proxy-headers': { mutate: ['src/proxy/header-policy.ts'], tests: ['src/proxy/header-policy'] },
  'proxy-target': {
    mutate: ['src/proxy/path-guard.ts', 'src/providers/{route,routes,header-table}.ts'],
    tests: ['src/proxy/path-guard', 'src/providers', 'test/proxy-paths', 'test/second-provider'],
  },
  'proxy-limit': {
    mutate: ['src/proxy/{body-limit,lingering-close}.ts'],
    tests: ['src/proxy/body-limit', 'src/proxy/lingering-close', 'test/proxy-body-limit'],
  },
  'proxy-door': {
    mutate: [
      'src/proxy/{proxy.guard,proxy.controller,proxy-error,proxy-error.filter}.ts',
      'src/limits/concurrency-limits.ts',
    ],
    tests: [
      ...['errors', 'credentials', 'paths', 'draining', 'open-requests'].map((name) => `test/proxy-${name}`),
      'test/last-use',
      'src/proxy/proxy-error',
    ],
  },
  exchange: {
    mutate: ['src/exchange/*.ts', '!src/exchange/*.spec.ts', 'src/server/direct-handler.ts'],
    tests: ['src/exchange', 'test/exchange', 'test/direct-handler', ...PIPE],
  },
  'proxy-upload': {
    mutate: ['src/proxy/upload.ts'],
    tests: ['test/exchange', 'test/proxy-body-limit', 'test/proxy-access-ends', ...PIPE],
  },
  'proxy-relay': { mutate: ['src/proxy/{relay,upstream-failure}.ts'], tests: PIPE },
  'proxy-forwarding': { mutate: ['src/proxy/forwarding.service.ts'], tests: PIPE },
  'proxy-upstream-request': { mutate: ['src/proxy/upstream-request.ts'], tests: PIPE },
  'proxy-tunnel': {
    mutate: ['src/proxy/{tunnel-agent,coalesced-lookup}.ts'],
    tests: ['src/proxy/tunnel-agent', 'src/proxy/coalesced-lookup'],
  },
  'credentials-cipher': {
    mutate: ['src/credentials/{encryption.service,credentials.service}.ts'],
    tests: ['src/credentials/encryption', 'test/me.e2e', 'test/proxy-errors', 'test/proxy-credentials'],
  },
  'credentials-rows': {
    mutate: ['src/credentials/{provider-key.repository,last-use.service,rotation.service}.ts'],
    tests: ['test/me.e2e', 'test/provider-keys', 'test/last-use', 'test/master-key', 'test/rotation'],
  },
  'credentials-choice': {
    mutate: ['src/credentials/{call-keys.service,key-choice,key-binding}.ts', 'src/proxy/key-of-call.ts'],
    tests: ['src/credentials/key-', 'test/provider-keys', 'test/organization-of-calls'],
  },
  'credentials-master-key': {
    // The module decides where the key comes from.
    mutate: ['src/credentials/{master-keys,credentials.module}.ts'],
    tests: ['src/credentials/master-keys', 'test/master-key'],
    embedded: true, // a PostgreSQL server never has its master key made
  },
  'auth-words': {
    mutate: ['src/auth/token.ts', 'src/accounts/device-codes.ts'],
    tests: ['src/auth/token', 'src/accounts/device-codes'],
  },
  'auth-cookie': {
    mutate: ['src/auth/{session-cookie,token-shares,auth.guard}.ts'],
    tests: ['test/cookie', 'test/orgs', 'src/auth/token-shares'],
  },
  'auth-sessions': {
    mutate: [
      'src/auth/{sessions.service,cached-authenticator,users.service,authenticated}.ts',
      'src/accounts/auth.controller.ts',
    ],
    tests: ['src/auth/cached-authenticator', 'test/auth', 'test/auth-cache'],
  },
  'auth-passwords': {
    mutate: ['src/accounts/{password-hasher,acceptable-password}.ts'],
    tests: ['src/accounts/password', 'test/auth'],
  },
  'auth-accounts': {
    mutate: ['src/accounts/{accounts.service,deactivation.service,password.controller}.ts'],
    tests: ['test/password', 'test/members', 'test/access-races'],
  },
  'auth-proxy-tokens': {
    mutate: ['src/auth/{proxy-token,proxy-tokens.service,last-used-tracker}.ts'],
    tests: ['src/auth/proxy-token', 'test/proxy-tokens', 'test/access-races'],
  },
  'auth-device': {
    mutate: ['src/accounts/device-login.{service,controller}.ts'],
    tests: ['test/device-login'],
  },
};
