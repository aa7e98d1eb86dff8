import { PATHS, START } from '../app/routes';

/** The hash of the sign-in page's URL after an account was deleted. */
export const ACCOUNT_DELETED = '#account-deleted';

/** Returns the URL of the sign-in page that returns to `here` (path and query) afterwards. */
export function signInFrom(here: string): string {
  return `${PATHS.signIn}?return=${encodeURIComponent(here)}`;
}

/** Returns the URL as signInFrom(), for a session that has ended; the sign-in page then says so. */
export function signInAfterEnd(here: string): string {
  return `${signInFrom(here)}&ended`;
}

/**
 * Returns the path to go to after signing in: the `return` parameter if it is a path of this origin. Anything else, such as
 * another site's URL or a script, leads to the start page.
 */
export function returnPath(search: string, origin: string): string {
  const wanted = new URLSearchParams(search).get('return') ?? START;
  if (!wanted.startsWith('/') || !URL.canParse(wanted, origin)) return START;
  const url = new URL(wanted, origin);
  const isSign = url.pathname.startsWith(PATHS.signIn) || url.pathname.startsWith(PATHS.signUp);
  const path = url.pathname + url.search + url.hash;
  // Resolved dot segments can leave a path that begins with `//`, which a browser follows to another site.
  return url.origin === origin && !path.startsWith('//') && !isSign ? path : START;
}
