/**
 * The error codes, of the network and of PostgreSQL, that are temporary: they occur while PostgreSQL starts or fails over, has
 * no free connection, or is not yet in DNS.
 */
const PASSING = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  '53300', // too_many_connections
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
]);

/** Matches node-postgres' error for a connection that was accepted, then closed or never answered: it has no code. */
const ENDED = /^Connection terminated/;

/**
 * Tells whether connecting to PostgreSQL failed with a temporary error, so that a retry can succeed. Any other error, such as a
 * wrong password, needs the operator.
 */
export function isStartingUp(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError && error.errors.some(isStartingUp)) return true; // a name with several addresses
  const { code } = error as { code?: string };
  return code === undefined ? ENDED.test(error.message) : PASSING.has(code);
}
