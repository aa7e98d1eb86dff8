import { randomUUID } from 'node:crypto';
import { ServerResponse } from 'node:http';

export const OUTCOMES = ['completed', 'client_aborted', 'upstream_failed', 'rejected'] as const;
/** How a request ended, in one word. */
export type Outcome = (typeof OUTCOMES)[number];

export const AUTH_FAILURES = [
  'missing_token',
  'malformed_bearer',
  'unknown_token',
  'proxy_token_expired',
  'proxy_token_ended',
  'proxy_token',
  'org_api_key',
  'vendor_key_as_token',
  'no_anthropic_key',
  'wrong_password',
  'deactivated',
  'passwords_busy',
  'foreign_page',
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
/** How far a request to the upstream came. */
export type UpstreamFailure = (typeof UPSTREAM_FAILURES)[number];

/** What is known of the request to the upstream; times from performance.now(). */
export interface UpstreamFacts {
  /** When our own work was done. */
  askedAt?: number;
  /** When its head was in. */
  answeredAt?: number;
  /** Why it has no head; also set when that is because the client left or was refused. */
  failure?: UpstreamFailure;
}

/** What one request was. Whoever knows a fact writes it here; its log line and the metrics are made of it. */
export interface RequestRecord {
  /** Ours; also the `request-id` header of our own errors. */
  readonly requestId: string;
  /** From performance.now(). */
  readonly startedAt: number;
  /** When the upstream's head was passed on; nothing else sets it. */
  firstByteAt?: number;
  /** Of a request's body that came in chunks; any other one's content-length says it. */
  chunkedBytes: number;
  /** Of the response's body. */
  bytes: number;
  userId?: string;
  /** When it was one that let the request in. */
  proxyTokenId?: string;
  outcome?: Outcome;
  errorType?: string;
  authFailure?: AuthFailure;
  upstream?: UpstreamFacts;
  /** The vendor's own id, which its support asks for. */
  upstreamRequestId?: string;
}

const RECORD = Symbol('request record');
type Recorded = ServerResponse & { [RECORD]?: RequestRecord };

/** The record that belongs to this response; made on first use. */
export function recordOf(response: ServerResponse): RequestRecord {
  const recorded: Recorded = response;
  return (recorded[RECORD] ??= {
    requestId: `req_tv_${randomUUID().replaceAll('-', '').slice(0, 24)}`,
    startedAt: performance.now(),
    bytes: 0,
    chunkedBytes: 0,
  });
}
