import { MAX_HEADERS } from '../api/head-error';
import { AuthFailure, ExchangeError, Outcome } from '../exchange/facts';
import { ReachedLimit } from '../providers/provider';
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
  no_key: {
    status: 401,
    type: 'authentication_error',
    message:
      'You have no {provider} key stored in TraceVault, and your organization shares none. Store one at {publicUrl}/me/keys/ ' +
      '(or PUT {keyEndpoint}), then try again.',
  },
  own_key_required: {
    status: 401,
    type: 'authentication_error',
    message:
      'The organization "{org}" has its members use keys of their own, and you have no {provider} key stored in TraceVault. ' +
      'Store one at {publicUrl}/me/keys/ (or PUT {keyEndpoint}), then try again.',
  },
  no_organization_key: {
    status: 401,
    type: 'authentication_error',
    message:
      'The organization "{org}" has its members use its shared keys only, and it has none for {provider}. Ask an owner or admin ' +
      'to store one at {publicUrl}, then try again.',
  },
  key_changed: {
    status: 401,
    type: 'authentication_error',
    message: 'Another {provider} key counts than the one that this WebSocket was opened with. Open it again.',
  },
  bad_path: {
    status: 400,
    type: 'api_error',
    message:
      'The path holds a ".." segment or does not begin with {prefix}. Check {baseUrlVariable}: {publicUrl}{prefix}{clientPath}.',
  },
  wrong_base_url: {
    status: 400,
    type: 'api_error',
    message: 'This is not where the proxy is. Set {baseUrlVariable} to {publicUrl}{prefix}{baseUrlAdvice}.',
  },
  unknown_provider: {
    status: 400,
    type: 'api_error',
    message:
      'No provider of this server has this path. Set the base URL to {publicUrl}/proxy/ and one of these: {providers}.',
  },
  provider_disabled: {
    status: 400,
    type: 'api_error',
    message:
      '{provider} is switched off on this server. Use one of these below {publicUrl}/proxy/: {providers}; or ask your administrator to switch it on (TRACEVAULT_PROVIDERS).',
  },
  resumable_upload: {
    status: 400,
    type: 'api_error',
    message:
      'A resumable upload would go on at an address of {provider}, past TraceVault, and take your TraceVault token there. ' +
      'Send the file in one request, {uploadInstead}.',
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
  upgrade_required: {
    status: 426,
    type: 'api_error',
    message:
      'The request asks to switch to another protocol (Upgrade), which TraceVault does not do here. Send it as plain HTTP, ' +
      'without the Upgrade header{alternative}.',
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
  spend_limit: {
    status: 429,
    type: 'billing_error',
    message:
      '{whose} of {amount} USD a {period} leaves too little for this call: {spent} USD are spent, {reserved} USD are reserved by ' +
      'open calls, and this call may cost up to {estimate} USD. It begins again on {resetsAt}. Ask an owner or admin of "{org}" to raise it.',
  },
  spending_blocked: {
    status: 429,
    type: 'billing_error',
    message:
      '{whose} of 0 USD a {period} blocks every call that costs something. Ask an owner or admin of "{org}" to raise it.',
  },
  rate_limit: {
    status: 429,
    type: 'rate_limit_error',
    message: '{whose} of {amount} {measure} a minute is reached. Wait {seconds} seconds, then try again.',
  },
  model_not_allowed: {
    status: 403,
    type: 'permission_error',
    message:
      'The organization "{org}" does not allow the model "{model}" here, but these: {allow}. Use one of them, or ask an owner ' +
      'or admin to allow it.',
  },
  model_unknown: {
    status: 403,
    type: 'permission_error',
    message:
      'The organization "{org}" allows these models alone: {allow}; and the first 64 KiB of the request do not say which one it ' +
      'is for. Send JSON with the field "model" at its beginning.',
  },
  limits_unavailable: {
    status: 503,
    type: 'api_error',
    message:
      "TraceVault can't check your organization's limits at the moment. Try again shortly; give your administrator the request id " +
      'if it lasts.',
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
    private readonly limit?: ReachedLimit,
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
    return this.status < 500 && (this.status !== 429 || this.limit?.kind === 'spend');
  }

  /** Whether the connection closes after the response: the client's next request starts over on another one. */
  get closesConnection(): boolean {
    return this.code === 'draining' || this.code === 'upgrade_required';
  }

  /** The number of seconds after which a retry makes sense; undefined where it is unknown. */
  get retryAfter(): number | undefined {
    if (this.code === 'too_many_unknown_tokens') return Number(this.params.seconds);
    if (this.limit !== undefined) return this.limit.secondsLeft;
    return this.status === 429 || this.code === 'draining' ? 1 : undefined;
  }

  /** Renders the response body in the provider's error envelope. */
  envelope({ provider, words }: Route, requestId: string, publicUrl: string): string {
    const { status, type, limit } = this;
    const message = filled(this.message, { ...words, ...this.params, publicUrl });
    return provider.errors.envelope({ status, type, message, limit, requestId });
  }

  /** Renders what is wrong, without what to do next, where there is little room. */
  firstSentence({ words }: Route): string {
    const [first = ''] = this.message.split(/\. /, 1);
    return filled(first, { ...words, ...this.params });
  }
}

function filled(message: string, params: Readonly<Record<string, string>>): string {
  return message.replace(/\{(\w+)\}/g, (open, name: string) => params[name] ?? open);
}
