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

  it('is measured as long as somebody asks, and begins again with the next question', () => {
    const started = jest.spyOn(global, 'setInterval');
    const lag = new EventLoopLag();
    let now = performance.now();
    const late = (): void => lag.tick((now += 500));
    for (let asked = 0; asked < 20; asked++) {
      lag.isBehind();
      late();
    }
    expect(lag.isBehind()).toBe(true);
    for (let unasked = 0; unasked < 101; unasked++) late();
    expect(started).toHaveBeenCalledTimes(1);
    expect(lag.isBehind()).toBe(false); // of what was so ten seconds ago nothing is known now
    expect(started).toHaveBeenCalledTimes(2);
    started.mockRestore();
  });
});
