/** The place in a trace that a client has named. */
export interface TraceContext {
  readonly traceId: string;
  /** The span that the request was sent in. */
  readonly parentId: string;
  /** The flags of the trace; the lowest bit says that the client records it. */
  readonly flags: number;
}

/** Version, trace id, parent id, flags; a later version than 00 may say more behind them. */
const TRACEPARENT =
  /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/**
 * Reads a `traceparent` by W3C's Trace Context.
 * @returns undefined for one that is missing, not valid, or there twice.
 */
export function traceContextOf(header: string | readonly string[] | undefined): TraceContext | undefined {
  const match = typeof header === 'string' ? TRACEPARENT.exec(header) : null;
  if (match === null) return undefined;
  const [, version, traceId = '', parentId = '', flags = '', more] = match;
  if (version === '00' && more !== undefined) return undefined;
  return { traceId, parentId, flags: Number.parseInt(flags, 16) };
}
