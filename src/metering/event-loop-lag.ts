const INTERVAL_MS = 100;
/** The lateness of two timers in a row from which on the process is behind: one alone can be a pause. */
const MAX_LATE_MS = 250;
/** The number of measurements in a row that nobody has asked for, after which there are no more: slow streams are read every few seconds. */
const MAX_UNASKED = 100;

/** Measures whether the event loop is behind, by how late a timer comes. One is shared by all calls of the process. */
export class EventLoopLag {
  private timer: NodeJS.Timeout | undefined;
  private expectedAt = 0;
  private wasLate = false;
  private isLate = false;
  private unasked = 0;

  /** Tells whether the event loop is behind. A call starts the measurement, if there has been none for a while. */
  readonly isBehind = (): boolean => {
    this.unasked = 0;
    this.timer ??= this.start();
    return this.wasLate && this.isLate;
  };

  /** Takes a measurement. */
  tick(now: number): void {
    this.wasLate = this.isLate;
    this.isLate = now - this.expectedAt > MAX_LATE_MS;
    this.expectedAt = now + INTERVAL_MS;
    if (++this.unasked > MAX_UNASKED) this.stop();
  }

  private stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.wasLate = this.isLate = false;
  }

  private start(): NodeJS.Timeout {
    this.expectedAt = performance.now() + INTERVAL_MS;
    return setInterval(() => this.tick(performance.now()), INTERVAL_MS).unref();
  }
}

/** The measurement of this process. */
export const EVENT_LOOP_LAG = new EventLoopLag();
