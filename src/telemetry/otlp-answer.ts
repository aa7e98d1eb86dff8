/** What a collector has made of spans: taken, but for some; refused for good; or it takes none for now. */
export type OtlpAnswer =
  | { readonly kind: 'taken'; readonly rejected: number }
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'busy'; readonly status: number; readonly waitMs: number | undefined };

/** An answer as it came in. */
export interface Answered {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: string;
}

/** The statuses after which the specification of OTLP lets a client send again. */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** The maximum time that a collector may ask to be left alone. */
const MAX_WAIT_MS = 300_000;

/**
 * Reads a collector's answer by the specification of OTLP over HTTP.
 * @param now the time, in milliseconds since 1970.
 */
export function otlpAnswerOf({ status, retryAfter, body }: Answered, now: number): OtlpAnswer {
  if (status >= 200 && status < 300) return { kind: 'taken', rejected: rejectedSpans(body) };
  if (RETRYABLE.has(status)) return { kind: 'busy', status, waitMs: waitOf(retryAfter, now) };
  return { kind: 'refused', status };
}

/** Returns how many spans the collector has not taken. An integer of 64 bits is a text in OTLP's JSON; numbers are read, too. */
function rejectedSpans(body: string): number {
  try {
    const { partialSuccess } = JSON.parse(body) as { partialSuccess?: { rejectedSpans?: unknown } };
    const count = Number(partialSuccess?.rejectedSpans);
    return Number.isSafeInteger(count) && count > 0 ? count : 0;
  } catch {
    return 0; // no body, or one that is no JSON
  }
}

/** Returns the milliseconds of a Retry-After, which is in seconds or a date; undefined without one that can be read. */
function waitOf(retryAfter: string | undefined, now: number): number | undefined {
  if (retryAfter === undefined) return undefined;
  const wait = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1_000 : Date.parse(retryAfter) - now;
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(wait, 0), MAX_WAIT_MS);
}
