import { PATHS } from '../page-at';

/** Behind the address of the sign-in page, for who has just deleted their account. */
export const ACCOUNT_DELETED = '#account-deleted';

/** The address of the sign-in page that comes back to `here` (path and query). */
export function signInFrom(here: string): string {
  return `${PATHS.signIn}?return=${encodeURIComponent(here)}`;
}

/** The same, for somebody whose session has ended while they looked at `here`: that page says so. */
export function signInAfterEnd(here: string): string {
  return `${signInFrom(here)}&ended`;
}

/**
 * Where to go after signing in: back, as long as that is a path of this very origin. Anything else, an address of another
 * site or a script, leads to the start page.
 */
export function returnPath(search: string, origin: string): string {
  const wanted = new URLSearchParams(search).get('return') ?? PATHS.proxy;
  if (!wanted.startsWith('/') || !URL.canParse(wanted, origin)) return PATHS.proxy;
  const url = new URL(wanted, origin);
  const isSign = url.pathname.startsWith(PATHS.signIn) || url.pathname.startsWith(PATHS.signUp);
  const path = url.pathname + url.search + url.hash;
  // Dot segments can leave a path that begins with `//`, which is another site to whoever follows it.
  return url.origin === origin && !path.startsWith('//') && !isSign ? path : PATHS.proxy;
}
