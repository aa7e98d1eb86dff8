import { timelineOf } from './timeline';

const call = (seconds: number, ms: number, first: number | null = 0) => ({
  at: new Date(Date.UTC(2026, 10, 28) + seconds * 1000).toISOString(),
  ms,
  ms_to_first_byte: first,
});
const shape = (lanes: ReturnType<typeof call>[][]) => {
  const { lanes: drawn, gaps, shownMs } = timelineOf(lanes);
  return {
    lanes: drawn.map((rows) =>
      rows.map((bars) => bars.map(({ start, length }) => [round(start), round(length)])),
    ),
    gaps: gaps.map(({ at, ms }) => [round(at), ms]),
    shownMs,
  };
};
const round = (number: number) => Math.round(number * 1000) / 1000;

describe('the timeline of a session', () => {
  it('is empty without calls', () => {
    expect(shape([])).toEqual({ lanes: [], gaps: [], shownMs: 0 });
    expect(shape([[]])).toEqual({ lanes: [[]], gaps: [], shownMs: 0 });
  });

  it('shows calls one after another in one row, and pauses to scale', () => {
    expect(shape([[call(0, 2_000), call(4, 6_000)]])).toEqual({
      lanes: [
        [
          [
            [0, 0.2],
            [0.4, 0.6],
          ],
        ],
      ],
      gaps: [],
      shownMs: 10_000,
    });
  });

  it('shows calls at the same time in rows of their own, within one agent and between two', () => {
    const { lanes } = shape([[call(0, 10_000), call(2, 2_000), call(5, 1_000)], [call(1, 3_000)]]);
    expect(lanes).toEqual([
      [
        [[0, 1]],
        [
          [0.2, 0.2],
          [0.5, 0.1],
        ],
      ],
      [[[0.1, 0.3]]],
    ]);
  });

  it('cuts long times without calls out, and says how long they were', () => {
    const day = 86_400;
    const { lanes, gaps, shownMs } = shape([[call(0, 10_000), call(day, 10_000)]]);
    expect(shownMs).toBe(20_000);
    expect(gaps).toEqual([[0.5, day * 1000 - 10_000]]);
    expect(lanes).toEqual([
      [
        [
          [0, round(10 / 20.4)],
          [round(10.4 / 20.4), round(10 / 20.4)],
        ],
      ],
    ]);
  });

  it('says which part of a call was waiting for the first byte', () => {
    const { lanes } = timelineOf([
      [call(0, 1_000, 250), call(2, 1_000, null), call(4, 0, null), call(6, 10, 20)],
    ]);
    expect(lanes[0]!.flat().map(({ waiting }) => waiting)).toEqual([0.25, 1, 0, 1]);
  });

  it('draws no more than eight rows, however many calls are open at once', () => {
    const { lanes } = shape([Array.from({ length: 20 }, () => call(0, 1_000))]);
    expect(lanes[0]!.map((bars) => bars.length)).toEqual([1, 1, 1, 1, 1, 1, 1, 13]);
  });

  it('is drawn for thousands of calls', () => {
    const many = Array.from({ length: 5_000 }, (_, index) => call(index * 100, 50));
    const { lanes } = shape([many]);
    expect(lanes[0]![0]).toHaveLength(5_000);
  });
});
