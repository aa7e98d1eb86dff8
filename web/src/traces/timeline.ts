/** A call as a bar of the timeline. Times are in milliseconds since the epoch. */
interface TimedCall {
  readonly at: string;
  readonly ms: number;
  readonly ms_to_first_byte: number | null;
}

/** A bar, with positions and lengths as shares of the timeline's width, from 0 to 1. */
interface Bar<Call> {
  readonly call: Call;
  readonly start: number;
  readonly length: number;
  /** The part of the bar, from 0 to 1, in which the first byte was waited for. */
  readonly waiting: number;
}

/** A time without calls that is not drawn to scale. */
interface Gap {
  readonly at: number;
  readonly ms: number;
}

export interface Timeline<Call> {
  /** For each lane its bars; a lane has as many rows as it has calls at the same time. */
  readonly lanes: readonly (readonly (readonly Bar<Call>[])[])[];
  readonly gaps: readonly Gap[];
  /** The time in which there were calls, and pauses drawn to scale, in milliseconds. */
  readonly shownMs: number;
}

/** A longer time without any call is cut out: a session that is resumed days later would show nothing else. */
const MAX_PAUSE_MS = 60_000;
/** The width that is left for each such time, as a share of the rest. */
const GAP_SHARE = 0.02;
/** The maximum number of rows in a lane: further calls overlap. */
const MAX_ROWS = 8;

interface Span {
  readonly start: number;
  end: number;
}

/** Lays the calls of several agents out along one time. @param lanes the calls of each agent, in the order in which they began. */
export function timelineOf<Call extends TimedCall>(lanes: readonly (readonly Call[])[]): Timeline<Call> {
  const spans = busySpans(lanes.flat());
  const shownMs = spans.reduce((sum, { start, end }) => sum + end - start, 0);
  const gapMs = shownMs * GAP_SHARE;
  const width = shownMs + gapMs * Math.max(0, spans.length - 1) || 1;
  const offsets: number[] = [];
  for (const [index, { start, end }] of spans.entries())
    offsets[index + 1] = (offsets[index] ?? 0) + (end - start) + gapMs;
  const place = (time: number): number => {
    const index = Math.max(
      0,
      spans.findLastIndex(({ start }) => start <= time),
    );
    return ((offsets[index] ?? 0) + time - (spans[index]?.start ?? time)) / width;
  };
  return {
    lanes: lanes.map((calls) => rowsOf(calls, place, width)),
    gaps: spans.slice(1).map(({ start }, index) => ({
      at: ((offsets[index + 1] ?? 0) - gapMs / 2) / width,
      ms: start - (spans[index]?.end ?? start),
    })),
    shownMs,
  };
}

/** Returns the times with calls, and shorter pauses between them, in order. */
function busySpans(calls: readonly TimedCall[]): Span[] {
  const spans: Span[] = [];
  const sorted = calls
    .map(({ at, ms }) => ({ start: Date.parse(at), end: Date.parse(at) + ms }))
    .sort((a, b) => a.start - b.start);
  for (const { start, end } of sorted) {
    const last = spans.at(-1);
    if (last !== undefined && start - last.end <= MAX_PAUSE_MS) last.end = Math.max(last.end, end);
    else spans.push({ start, end });
  }
  return spans;
}

/** Divides the calls of an agent into rows in which none overlaps another. */
function rowsOf<Call extends TimedCall>(
  calls: readonly Call[],
  place: (time: number) => number,
  width: number,
): Bar<Call>[][] {
  const rows: { readonly bars: Bar<Call>[]; end: number }[] = [];
  for (const call of calls) {
    const start = Date.parse(call.at);
    const end = start + call.ms;
    let row = rows.find((one) => one.end <= start);
    if (row === undefined) {
      row = rows.length < MAX_ROWS ? { bars: [], end: 0 } : rows.at(-1);
      if (row === undefined) continue;
      if (rows.length < MAX_ROWS) rows.push(row);
    }
    row.end = Math.max(row.end, end);
    row.bars.push({
      call,
      start: place(start),
      length: call.ms / width,
      waiting: call.ms === 0 ? 0 : Math.min(1, (call.ms_to_first_byte ?? call.ms) / call.ms),
    });
  }
  return rows.map(({ bars }) => bars);
}
