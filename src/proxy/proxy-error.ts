import { MAX_HEADERS } from '../api/head-error';
import { AuthFailure, ExchangeError, Outcome } from '../exchange/facts';
import { Route } from '../providers/route';

/**
 * The proxy's own errors, by code: status, type and message. Placeholders are filled from the provider's row and the error's
 * params. Each message says what to do next.
 */
const ERRORS = {
  missing_token: {
    status: 401,
    type: 'authentication_error',
    message:
      'No TraceVault token came with the request. Set {tokenVariables} to a proxy token of yours (tvp_...); ' +
      '{publicUrl}/me/tokens/ makes one.',
  },
  malformed_bearer: {
    status: 401,
    type: 'authentication_error',
    message:
      'The Authorization header must be the word Bearer, one space and the token, and nothing else. Check how {bearerVariable} is set: without "Bearer", quotes or line breaks.',
  },
  unknown_token: {
    status: 401,
    type: 'authentication_error',
    message:
      'The TraceVault token is unknown, or its session has expired or was revoked. Create a proxy token at {publicUrl}/me/tokens/, or sign in again, and use the new one.',
  },
  proxy_token_expired: {
    status: 401,
    type: 'authentication_error',
    message:
      'The proxy token "{name}" expired at {at}. Create a new one at {publicUrl}/me/tokens/ (or with "tracevault proxy token create").',
  },
  proxy_token_revoked: {
    status: 401,
    type: 'authentication_error',
    message:
      'The proxy token "{name}" was revoked at {at}. Create a new one at {publicUrl}/me/tokens/ (or with "tracevault proxy token create").',
  },
  vendor_key_as_token: {
    status: 401,
    type: 'authentication_error',
    message:
      'This is {aKey}, and TraceVault takes its own tokens only. Store the key once at {publicUrl}, and use your ' +
      'proxy token (tvp_...) here. If others can read where you had the key, replace it in the {provider} console.',
  },
  org_api_key: {
    status: 401,
    type: 'authentication_error',
    message:
      "An organization's API key (tvk_...) can't call the proxy, which is per person. Use a proxy token of your own (tvp_...).",
  },
  no_anthropic_key: {
    status: 401,
    type: 'authentication_error',
    message:
      'You have no {provider} key stored in TraceVault. Store one at {publicUrl}/me/proxy/ (or PUT {keyEndpoint}), then try again.',
  },
  bad_path: {
    status: 400,
    type: 'api_error',
    message:
      'The path holds a ".." segment or does not begin with {prefix}. Check {baseUrlVariable}: {publicUrl}{prefix}.',
  },
  wrong_base_url: {
    status: 400,
    type: 'api_error',
    message: 'This is not where the proxy is. Set {baseUrlVariable} to {publicUrl}{prefix}{baseUrlAdvice}.',
  },
  two_hosts: {
    status: 400,
    type: 'api_error',
    message:
      'The request has more than one Host header. Send one Host header; if a proxy in between adds one, have it replace the first.',
  },
  too_many_headers: {
    status: 431,
    type: 'api_error',
    message: `The request has more than ${MAX_HEADERS} headers. Send at most ${MAX_HEADERS} headers.`,
  },
  trace_refused: {
    status: 400,
    type: 'api_error',
    message: 'TRACE is not forwarded: its answer would show the stored key. Use another method.',
  },
  body_too_large: {
    status: 413,
    type: 'request_too_large',
    message: 'The body is larger than this path allows: {bodyLimits}. Send less.',
  },
  too_many_unknown_tokens: {
    status: 429,
    type: 'rate_limit_error',
    message:
      'Too many unknown TraceVault tokens came from your address. Wait {seconds} seconds, then try again; check the token at ' +
      '{publicUrl}/me/tokens/ if it lasts.',
  },
  concurrency_limit: {
    status: 429,
    type: 'rate_limit_error',
    message:
      'You have as many requests open as TraceVault allows one person at a time. Wait until one ends, or ask your ' +
      'administrator to raise TRACEVAULT_MAX_OPEN_REQUESTS_PER_USER.',
  },
  server_busy: {
    status: 429,
    type: 'rate_limit_error',
    message:
      'TraceVault has as many requests open as it is set to carry. Try again in a moment; your administrator can raise ' +
      'TRACEVAULT_MAX_OPEN_REQUESTS.',
  },
  key_unreadable: {
    status: 500,
    type: 'api_error',
    message:
      'Your stored {provider} key could not be decrypted. Store it again at {publicUrl}; if that does not help, give your ' +
      'administrator the request id.',
  },
  database_unavailable: {
    status: 500,
    type: 'api_error',
    message:
      "TraceVault can't reach its own store at the moment. Try again shortly; give your administrator the request id if it lasts.",
  },
  internal: {
    status: 500,
    type: 'api_error',
    message:
      'TraceVault failed to handle the request. Try again; give your administrator the request id if it lasts.',
  },
  upstream_unreachable: {
    status: 502,
    type: 'api_error',
    message:
      'TraceVault got no answer from the upstream API: it refused, could not be found, failed in TLS or dropped the connection. Try again.',
  },
  upstream_connect_timeout: {
    status: 502,
    type: 'api_error',
    message: 'TraceVault could not connect to the upstream API within 10 seconds. Try again.',
  },
  draining: {
    status: 503,
    type: 'api_error',
    message:
      'This TraceVault server is shutting down. Try again: another one, or the restarted one, will answer.',
  },
} as const satisfies Record<string, { status: number; type: string; message: string }>;

export type ProxyErrorCode = keyof typeof ERRORS;

type ErrorCodeOf<Type> = {
  [Code in ProxyErrorCode]: (typeof ERRORS)[Code]['type'] extends Type ? Code : never;
}[ProxyErrorCode];

function isAuthError(code: ProxyErrorCode): code is ErrorCodeOf<'authentication_error'> {
  return ERRORS[code].type === 'authentication_error';
}

/** An error of a proxy request, rendered for the client by ProxyErrorFilter. Its cause goes to the log only. */
export class ProxyError extends Error implements ExchangeError {
  override readonly name = 'ProxyError';
  readonly status: number;
  /** The error type, as in the provider's envelope and in the log. */
  readonly type: string;
  readonly outcome: Outcome;

  constructor(
    readonly code: ProxyErrorCode,
    cause?: unknown,
    /** The values of the message's placeholders that do not come from the provider's row. */
    private readonly params: Readonly<Record<string, string>> = {},
  ) {
    super(ERRORS[code].message, { cause });
    this.status = ERRORS[code].status;
    this.type = ERRORS[code].type;
    this.outcome = this.status === 502 ? 'upstream_failed' : 'rejected';
  }

  get authFailure(): AuthFailure | undefined {
    return isAuthError(this.code) ? this.code : undefined;
  }

  /**
   * Whether the client is told not to retry. Otherwise clients retry what can't succeed, and stay silent for a minute
   * (docs/decisions/0008).
   */
  get isFinal(): boolean {
    return this.status < 500 && this.status !== 429;
  }

  /** The number of seconds after which a retry makes sense; undefined where it is unknown. */
  get retryAfter(): number | undefined {
    if (this.code === 'too_many_unknown_tokens') return Number(this.params.seconds);
    return this.status === 429 || this.code === 'draining' ? 1 : undefined;
  }

  /** Renders the response body in the provider's error envelope. */
  envelope({ provider, words }: Route, requestId: string, publicUrl: string): string {
    const { status, type } = this;
    const params: Record<string, string> = { ...words, ...this.params, publicUrl };
    const message = this.message.replace(/\{(\w+)\}/g, (open, name: string) => params[name] ?? open);
    return provider.errors.envelope({ status, type, message, requestId });
  }
}
