import { LRUCache } from 'lru-cache';
import { hash } from 'node:crypto';
import { TooManyAttempts } from './too-many-attempts';

const WINDOW_MS = 60_000;
/** The maximum number of keys that are counted at once. Above it, the least recently used key starts again at zero. */
const MAX_WINDOWS = 10_000;

interface Window {
  /** The end of the window on the clock of performance.now(). */
  readonly endsAt: number;
  failures: number;
  inFlight: number;
  /** Callbacks that resume the attempts which wait for the outcome of those in flight. */
  readonly waiting: (() => void)[];
}

/**
 * A limit on failures a minute per key, counted in this process. An attempt reserves its place before it starts and
 * releases it on success. While all places are reserved, later attempts wait: a thousand concurrent guesses get no further
 * than a thousand sequential ones, and a thousand concurrent valid requests are not refused.
 */
export class Attempts {
  private readonly windows = new LRUCache<string, Window>({ max: MAX_WINDOWS });

  /**
   * @param limit the maximum number of failures a minute per key.
   * @param isOn false in tests that send requests faster than users do.
   */
  constructor(
    private readonly limit: number,
    private readonly isOn = true,
  ) {}

  /** The number of keys that are counted. */
  get size(): number {
    return this.windows.size;
  }

  /**
   * Makes an attempt and counts it when it fails. An attempt that throws has no outcome and is not counted.
   * @throws TooManyAttempts without an attempt when the limit is reached.
   */
  async run<Outcome>(
    key: string,
    attempt: () => Promise<Outcome>,
    isFailure: (outcome: Outcome) => boolean,
  ): Promise<Outcome> {
    if (!this.isOn) return attempt();
    const window = await this.enter(key);
    let failed = false;
    try {
      const outcome = await attempt();
      failed = isFailure(outcome);
      return outcome;
    } finally {
      this.leave(window, failed);
    }
  }

  /**
   * Counts an attempt, successful or not.
   * @throws TooManyAttempts when the limit is reached.
   */
  count(key: string): void {
    if (!this.isOn) return;
    const window = this.windowOf(key);
    this.refuseWhenFull(window);
    window.failures += 1;
  }

  private async enter(key: string): Promise<Window> {
    let window = this.windowOf(key);
    for (;;) {
      this.refuseWhenFull(window);
      if (window.failures + window.inFlight < this.limit) {
        window.inFlight += 1;
        return window;
      }
      await new Promise<void>((resolve) => window.waiting.push(resolve));
      const current = this.windowOf(key);
      if (current !== window) resume(window, Infinity); // nobody stays waiting in an expired window
      window = current;
    }
  }

  private leave(window: Window, failed: boolean): void {
    window.inFlight -= 1;
    if (failed) window.failures += 1;
    if (window.failures >= this.limit) resume(window, Infinity);
    else if (!failed) resume(window, 1);
  }

  private refuseWhenFull({ failures, endsAt }: Window): void {
    if (failures < this.limit) return;
    throw new TooManyAttempts(Math.max(1, Math.ceil((endsAt - performance.now()) / 1000)));
  }

  /** Returns the current window of a key. Keys are emails, addresses and ids, so only their hashes are kept. */
  private windowOf(key: string): Window {
    const hashed = hash('sha256', key);
    const now = performance.now();
    const current = this.windows.get(hashed);
    if (current !== undefined && current.endsAt > now) return current;
    const window = { endsAt: now + WINDOW_MS, failures: 0, inFlight: 0, waiting: [] };
    this.windows.set(hashed, window);
    return window;
  }
}

function resume({ waiting }: Window, most: number): void {
  for (const goOn of waiting.splice(0, most)) goOn();
}
