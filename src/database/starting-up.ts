/** What a PostgreSQL answers, or the way to it, while it starts, fails over, has no place left or is not yet in DNS. */
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

/** node-postgres has no code for a connection that was accepted and then closed, or left without an answer. */
const ENDED = /^Connection terminated/;

/** Whether time may heal an error of connecting to PostgreSQL. Anything else, a wrong password say, needs a person. */
export function isStartingUp(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError && error.errors.some(isStartingUp)) return true; // a name with several addresses
  const { code } = error as { code?: string };
  return code === undefined ? ENDED.test(error.message) : PASSING.has(code);
}
