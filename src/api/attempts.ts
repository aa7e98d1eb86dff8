import { LRUCache } from 'lru-cache';
import { hash } from 'node:crypto';
import { TooManyAttempts } from './too-many-attempts';

const WINDOW_MS = 60_000;
/** Keys that are counted at once; beyond it, the one that was asked for longest ago starts again. */
const MAX_WINDOWS = 10_000;

interface Window {
  /** From performance.now(). */
  readonly endsAt: number;
  failures: number;
  inFlight: number;
  /** Resumes those that wait to learn how the attempts under way come out. */
  readonly waiting: (() => void)[];
}

/**
 * A limit on failures: so many a minute for a key, in this process. An attempt takes its place before it is made and gives
 * it back when it succeeds. While all places are taken, later ones wait: a thousand guesses at once get no further than
 * one after another, and a thousand good requests at once are not refused.
 */
export class Attempts {
  private readonly windows = new LRUCache<string, Window>({ max: MAX_WINDOWS });

  /** @param isOn false in tests that come faster than people do. */
  constructor(
    private readonly limit: number,
    private readonly isOn = true,
  ) {}

  /** How many keys are counted. */
  get size(): number {
    return this.windows.size;
  }

  /**
   * Makes an attempt, and counts it when it fails. One that throws came to no end, and is not counted.
   * @throws TooManyAttempts without making it, when the limit is reached.
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
   * Counts an attempt whatever comes of it.
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
      if (current !== window) resume(window, Infinity); // nobody stays behind in a minute that is over
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

  /** Keys are emails, addresses and ids: only hashes of them are kept. */
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
