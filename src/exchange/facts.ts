export const OUTCOMES = ['completed', 'client_aborted', 'upstream_failed', 'rejected'] as const;
/** The outcome of an exchange, as logs and metrics name it. */
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
  'no_key',
  'own_key_required',
  'no_organization_key',
  'key_changed',
  'wrong_password',
  'deactivated',
  'passwords_busy',
  'cross_origin',
  'other_person',
] as const;
/** The reason why authentication failed; for the proxy it is the code of its error. */
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
/** The stage at which a request to the upstream failed. */
export type UpstreamFailure = (typeof UPSTREAM_FAILURES)[number];

/** The part of the server that a request is for. Metrics use it as a label, so it is never a path. */
export type Area = 'proxy' | 'api' | 'health' | 'pages';

/** Whose stored key a request is forwarded with: the caller's own, or the shared one of an organization. */
export type KeySource = 'own' | 'organization';

/** The authenticated caller, as a guard determined it. */
export interface Caller {
  readonly userId: string;
  /** The organization of the caller's proxy token; null or undefined for the user's current one. */
  readonly orgId?: string | null;
}

/** One request to the upstream. Times are values of `performance.now()`, in milliseconds. */
export interface Attempt {
  /** The time when the request was sent: the proxy's own work ends here. */
  readonly sentAt: number;
  /** The time when the response head was received. */
  headAt: number | undefined;
  /** The upstream's request id, which its support needs. */
  requestId: string | undefined;
  /** The stage at which the request failed; also set when it failed because the client disconnected or was refused. */
  failure: UpstreamFailure | undefined;
}

/** Which run of an agent a call belongs to. */
export interface AgentSession {
  /** Null for a call that belongs to no session. */
  readonly sessionId: string | null;
  /** The id of the subagent; null for the main agent. */
  readonly agentId: string | null;
  readonly parentAgentId: string | null;
}

/** The SHA-256 of the bytes of both bodies that have passed. */
export interface BodyDigests {
  readonly request: Buffer;
  readonly response: Buffer;
}

/** The reason why there is no response from the upstream, or only a part of it. */
export interface ExchangeError {
  readonly outcome: Outcome;
  /** The code of the proxy's own error. */
  readonly code?: string;
  /** The error type in the provider's envelope, if the proxy itself sent the response. */
  readonly type?: string;
  readonly authFailure?: AuthFailure | undefined;
}
