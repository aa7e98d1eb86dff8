import { setImmediate as nextTurn } from 'node:timers/promises';

/** The number of items that are worked on in one turn of the event loop. */
const ITEMS_A_TURN = 20;

/** Yields items, and leaves a turn of the event loop to streams after every few of them. */
export async function* inTurns<Item>(items: Iterable<Item>): AsyncGenerator<Item> {
  let count = 0;
  for (const item of items) {
    yield item;
    count += 1;
    if (count % ITEMS_A_TURN === 0) await nextTurn();
  }
}
