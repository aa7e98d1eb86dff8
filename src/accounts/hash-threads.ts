/** Of libuv, where UV_THREADPOOL_SIZE says nothing else. */
const POOL_SIZE = 4;
const MAX_POOL_SIZE = 1_024;

/**
 * How many passwords may be hashed at once: no more than there are processors, and half of libuv's thread pool at most. Name
 * look-ups and files share the pool, so that with all of its threads hashing, requests to the upstream wait as well.
 * @param poolSize what UV_THREADPOOL_SIZE says.
 */
export function hashesAtOnce(poolSize: string | undefined, processors: number): number {
  return Math.max(1, Math.min(processors, Math.floor(threadsOf(poolSize) / 2)));
}

/** As libuv reads it: a number at the beginning of the text, at least one thread. */
function threadsOf(poolSize: string | undefined): number {
  if (poolSize === undefined || poolSize === '') return POOL_SIZE;
  return Math.min(MAX_POOL_SIZE, Math.max(1, Number.parseInt(poolSize, 10) || 1));
}
