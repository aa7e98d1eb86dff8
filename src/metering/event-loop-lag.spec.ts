import { EventLoopLag } from './event-loop-lag';

describe('the lag of the event loop', () => {
  it('is that of two timers in a row, since one alone can be a pause', () => {
    const lag = new EventLoopLag();
    expect(lag.isBehind()).toBe(false);
    let now = performance.now();
    const after = (ms: number): boolean => {
      now += ms;
      lag.tick(now);
      return lag.isBehind();
    };
    expect([100, 500, 110, 500, 500, 100].map(after)).toEqual([false, false, false, false, true, false]);
  });
});
