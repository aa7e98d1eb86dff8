import type { Middleware } from 'openapi-fetch';

/**
 * The header that names the user whose data the page shows; the server refuses any other user's session, and names in each response
 * the user whose data it contains (src/auth/auth.guard.ts).
 */
export const SHOWN_USER_HEADER = 'x-tracevault-shown-user';
/** The channel between all tabs of this browser that show this server. */
const otherTabs = new BroadcastChannel('tracevault.session');
const watchers = new Set<() => void>();
let shownUser: string | undefined;

/** Makes the other tabs check the session again, after this tab has signed a user in or out. */
export function tellOtherTabs(): void {
  otherTabs.postMessage('changed');
}

/** Sets the user whose data this page shows; undefined for none. */
export function showsUser(userId: string | undefined): void {
  shownUser = userId;
}

/** Returns the header that names the shown user, if there is one. */
export function shownUserHeaders(): [string, string][] {
  return shownUser === undefined ? [] : [[SHOWN_USER_HEADER, shownUser]];
}

/**
 * Calls `look` whenever the session may have changed: another tab says so, a response has status 401, or the page becomes
 * visible or focused again.
 * @returns a function that stops watching.
 */
export function watchSession(look: () => void): () => void {
  const lookWhenSeen = (): void => {
    if (document.visibilityState === 'visible') look();
  };
  watchers.add(look);
  otherTabs.addEventListener('message', look);
  document.addEventListener('visibilitychange', lookWhenSeen);
  window.addEventListener('focus', lookWhenSeen);
  return () => {
    watchers.delete(look);
    otherTabs.removeEventListener('message', look);
    document.removeEventListener('visibilitychange', lookWhenSeen);
    window.removeEventListener('focus', lookWhenSeen);
  };
}

/** Sends the shown user and calls the watchers on a 401, except for GET auth/me, by which the watchers themselves check. */
export const watchAnswers: Middleware = {
  onRequest({ request, schemaPath }) {
    if (schemaPath === '/api/v1/auth/me') return;
    for (const [name, value] of shownUserHeaders()) request.headers.set(name, value);
  },
  onResponse({ response, schemaPath }) {
    if (response.status !== 401 || schemaPath === '/api/v1/auth/me') return;
    for (const look of watchers) look();
  },
};
