import type { components } from '../api/schema';

type Key = components['schemas']['MyKeyDto'];

const FRESH_MS = 30 * 60_000;
/** The polling intervals in milliseconds: while the first request with a key that was just stored is awaited, and otherwise. */
const REFRESHED_MS = { fresh: 2_000, used: 20_000 };

/** Whether a key was stored a short time ago and not used yet, so that its first request is awaited. */
export function isFresh(
  { configured_at, last_use }: Pick<Key, 'configured_at' | 'last_use'>,
  now = Date.now(),
): boolean {
  return configured_at !== null && last_use === null && now - Date.parse(configured_at) < FRESH_MS;
}

/** Returns the time until the keys are polled again, in milliseconds. */
export function refreshedIn(isAwaited: boolean): number {
  return isAwaited ? REFRESHED_MS.fresh : REFRESHED_MS.used;
}

/** Returns the provider whose form is open at first: the first one that may be used, for a user whose calls find no key at all. */
export function openAtFirst(keys: readonly Key[]): string | null {
  const hasAny = keys.some(({ configured, in_use }) => configured || in_use !== null);
  const [first] = keys;
  return hasAny || first === undefined || first.reason === 'no_organization_key' ? null : first.provider;
}
