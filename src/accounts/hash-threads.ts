/** The size of libuv's thread pool without UV_THREADPOOL_SIZE. */
const POOL_SIZE = 4;
const MAX_POOL_SIZE = 1_024;

/**
 * Returns how many passwords may be hashed concurrently: at most one per processor, and at most half of libuv's thread
 * pool. DNS lookups and file access share the pool, so hashing on all threads would also delay requests to the upstream.
 * @param poolSize the value of UV_THREADPOOL_SIZE.
 */
export function hashesAtOnce(poolSize: string | undefined, processors: number): number {
  return Math.max(1, Math.min(processors, Math.floor(threadsOf(poolSize) / 2)));
}

/** Parses the size as libuv does: leading digits, and at least one thread. */
function threadsOf(poolSize: string | undefined): number {
  if (poolSize === undefined || poolSize === '') return POOL_SIZE;
  return Math.min(MAX_POOL_SIZE, Math.max(1, Number.parseInt(poolSize, 10) || 1));
}
