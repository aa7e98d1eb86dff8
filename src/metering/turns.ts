import { setTimeout as sleep } from 'node:timers/promises';

let last = Promise.resolve();

/** Waits for a turn of the event loop that no other caller gets, so that much work of many calls leaves room for what comes in between. */
export function turnOfItsOwn(): Promise<void> {
  last = last.then(() => sleep(1));
  return last;
}
