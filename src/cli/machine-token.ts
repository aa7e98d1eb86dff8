import { asDate, sanitized } from './terminal';

/** The proxy token that this machine's agents use, as stored in the credentials file. */
export interface MachineToken {
  readonly id: string;
  readonly name: string;
  readonly token: string;
  /** The time of expiry (ISO 8601, UTC); null for a token that does not expire. */
  readonly expires_at: string | null;
}

const DAY_MS = 86_400_000;
/** The time before expiry from which commands that use the token warn. */
const WARNED_MS = 7 * DAY_MS;

/** Validates a machine token. Returns undefined for a value that a later command could not use. */
export function asMachineToken(value: unknown): MachineToken | undefined {
  const { id, name, token, expires_at } = (value ?? {}) as Record<keyof MachineToken, unknown>;
  if (typeof id !== 'string' || !/^[0-9a-f-]{36}$/.test(id) || typeof name !== 'string') return undefined;
  if (typeof token !== 'string' || !/^[!-~]+$/.test(token)) return undefined;
  if (expires_at === null) return { id, name, token, expires_at };
  if (typeof expires_at !== 'string' || Number.isNaN(Date.parse(expires_at))) return undefined;
  return { id, name, token, expires_at };
}

export function isOver(expiresAt: string | null): boolean {
  return expiresAt !== null && Date.parse(expiresAt) <= Date.now();
}

/** Describes how long a token is valid: until a time, or until it is revoked. */
export function untilWhen(expiresAt: string | null): string {
  return expiresAt === null ? 'until it is revoked' : `until ${asDate(expiresAt)}`;
}

/** What to say of a token that has expired, or soon will; undefined while there is nothing to say. */
export function expiryWarning(name: string, expiresAt: string | null): string | undefined {
  if (expiresAt === null || Date.parse(expiresAt) - Date.now() > WARNED_MS) return undefined;
  const what = `The proxy token "${sanitized(name)}"`;
  if (isOver(expiresAt)) return `${what} expired on ${asDate(expiresAt)}.`;
  const days = Math.floor((Date.parse(expiresAt) - Date.now()) / DAY_MS);
  const left = days === 0 ? 'within a day' : days === 1 ? 'in a day' : `in ${days} days`;
  return `${what} expires ${left}, on ${asDate(expiresAt)}.`;
}
