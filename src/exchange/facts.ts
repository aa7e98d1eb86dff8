export const OUTCOMES = ['completed', 'client_aborted', 'upstream_failed', 'rejected'] as const;
/** How an exchange ended, in one word. */
export type Outcome = (typeof OUTCOMES)[number];

export const AUTH_FAILURES = [
  'missing_token',
  'malformed_bearer',
  'unknown_token',
  'proxy_token_expired',
  'proxy_token_revoked',
  'proxy_token',
  'org_api_key',
  'vendor_key_as_token',
  'no_anthropic_key',
  'wrong_password',
  'deactivated',
  'passwords_busy',
  'cross_origin',
  'other_person',
] as const;
/** Why somebody was not let in; the proxy's words are those of its faults. */
export type AuthFailure = (typeof AUTH_FAILURES)[number];

export const UPSTREAM_FAILURES = [
  'connect_dns',
  'connect_refused',
  'connect_timeout',
  'connect_tls',
  'connect_other',
  'no_answer',
  'broken_off',
] as const;
/** How far a request to the upstream came that failed. */
export type UpstreamFailure = (typeof UPSTREAM_FAILURES)[number];

/** The part of the server that a request is for; never its path. */
export type Area = 'proxy' | 'api' | 'health' | 'pages';

/** Whoever is calling, as a guard found them. */
export interface Caller {
  readonly userId: string;
}

/** One request to the upstream; times are from `performance.now()`, in milliseconds. */
export interface Attempt {
  /** When our own work was done. */
  readonly sentAt: number;
  /** When the response's head was in. */
  headAt: number | undefined;
  /** The upstream's own request id, which its support asks for. */
  requestId: string | undefined;
  /** Also set when the request failed because the client left or was refused. */
  failure: UpstreamFailure | undefined;
}

/** Why there is no response from the upstream, or not the whole of it. */
export interface ExchangeError {
  readonly outcome: Outcome;
  /** The word in the proxy's own envelope, where it has answered itself. */
  readonly type?: string;
  readonly authFailure?: AuthFailure | undefined;
}
