import { randomBytes } from 'node:crypto';
import { ServerResponse } from 'node:http';

export const OUTCOMES = ['completed', 'client_aborted', 'upstream_failed', 'rejected'] as const;
/** How a request ended, in one word, for its log line. */
export type Outcome = (typeof OUTCOMES)[number];

/** What the log line of one request will say. Whoever knows a fact writes it here; request-log.ts prints it. */
export interface RequestRecord {
  /** Ours; also the `request-id` header of our own errors. */
  readonly requestId: string;
  /** From performance.now(). */
  readonly startedAt: number;
  firstByteAt?: number;
  /** Of the response's body. */
  bytes: number;
  userId?: string;
  outcome?: Outcome;
  errorType?: string;
  /** The vendor's own id, which its support asks for. */
  upstreamRequestId?: string;
}

const RECORD = Symbol('request record');
type Recorded = ServerResponse & { [RECORD]?: RequestRecord };

/** The record that belongs to this response; made on first use. */
export function recordOf(response: ServerResponse): RequestRecord {
  const recorded: Recorded = response;
  return (recorded[RECORD] ??= {
    requestId: `req_tv_${randomBytes(12).toString('hex')}`,
    startedAt: performance.now(),
    bytes: 0,
  });
}
