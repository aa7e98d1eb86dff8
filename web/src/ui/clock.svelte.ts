const EVERY_MS = 15_000;

/** The present time for many relative times at once: one timer for all rows of a table. Has to be created while a component is. */
export class Clock {
  now = $state(Date.now());

  constructor() {
    $effect(() => {
      const timer = setInterval(() => (this.now = Date.now()), EVERY_MS);
      return () => clearInterval(timer);
    });
  }
}
