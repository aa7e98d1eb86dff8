export const HOUR_MS = 3_600_000;

/** Runs a task again and again. Runs that are asked for while one is under way are that one. */
export class PeriodicTask {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private isStopped = false;

  /**
   * @param everyMs the time between the beginnings of two runs, in milliseconds.
   * @param task never rejects: what fails is logged, and the next run retries it.
   */
  constructor(
    private readonly everyMs: number,
    private readonly task: () => Promise<void>,
  ) {}

  /** Runs it at once, and from then on. */
  async start(): Promise<void> {
    await this.run();
    this.repeat();
  }

  /** Runs it from now on, for the first time when the time between two runs has passed. */
  repeat(): void {
    if (!this.isStopped) this.timer = setInterval(() => void this.run(), this.everyMs).unref();
  }

  run(): Promise<void> {
    this.running ??= this.task().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  /** Ends the runs, and resolves when the one that is under way has ended. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearInterval(this.timer);
    await this.running;
  }
}
