import { createHash } from 'node:crypto';

/** A value of an attribute; null for one that is left out. */
export type Value = string | number | readonly string[] | null;

/** A span in the form of OTLP's JSON. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly flags?: number;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly object[];
  readonly status?: { readonly code: number };
}

/** What is said of whoever sends spans. */
export type Resource = Readonly<Record<string, string>>;

/** The attributes with a fraction: a number does not say of itself that it has one. */
const DOUBLES: ReadonlySet<string> = new Set(['tracevault.cost.usd']);

/** What spans don't have: receivers read it all the same, because OpenTelemetry's own libraries send it, empty. */
const NONE = { events: [], links: [] };

/** Returns the message that spans are sent in, and downloaded (ExportTraceServiceRequest). */
export function traceRequest(resource: Resource, spans: readonly Span[]): object {
  return {
    resourceSpans: [
      {
        resource: { attributes: attributesOf(resource) },
        scopeSpans: [{ scope: { name: 'tracevault' }, spans: spans.map((span) => ({ ...span, ...NONE })) }],
      },
    ],
  };
}

export function attributesOf(values: Readonly<Record<string, Value>>): object[] {
  return Object.entries(values).flatMap(([key, value]) =>
    value === null ? [] : [{ key, value: anyValue(key, value) }],
  );
}

/** Returns a value in the form of OTLP's JSON, in which integers of 64 bits are texts. */
function anyValue(key: string, value: string | number | readonly string[]): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'object')
    return { arrayValue: { values: value.map((one) => ({ stringValue: one })) } };
  return DOUBLES.has(key) ? { doubleValue: value } : { intValue: String(value) };
}

/** Returns the times of a span. @param start, end in milliseconds since 1970. */
export function timesOf(start: number, end: number) {
  return { startTimeUnixNano: `${start}000000`, endTimeUnixNano: `${end}000000` };
}

/** Returns an id of so many bytes, in hexadecimal, that is always the same for the same name. */
export function idOf(name: string, bytes: number): string {
  return createHash('sha256')
    .update(name)
    .digest('hex')
    .slice(0, 2 * bytes);
}
