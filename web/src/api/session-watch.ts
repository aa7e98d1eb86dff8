import type { Middleware } from 'openapi-fetch';

/** The server refuses what a page asks in the name of another person than it shows (src/auth/auth.guard.ts). */
const SHOWN_USER_HEADER = 'x-tracevault-shown-user';
/** Of all tabs of this browser that show this server. */
const otherTabs = new BroadcastChannel('tracevault.session');
const watchers = new Set<() => void>();
let shownUser: string | undefined;

/** Once this tab has signed somebody in or out: the others look at once who it is now. */
export function tellOtherTabs(): void {
  otherTabs.postMessage('changed');
}

/** @param userId of the person whose data this page shows from now on. */
export function showsUser(userId: string | undefined): void {
  shownUser = userId;
}

/**
 * Calls `look` whenever somebody else may be signed in, or nobody: another tab says so, an answer does, or the page is
 * looked at again.
 * @returns what stops it.
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

/** But for the question who is signed in, which is how a watcher looks. */
export const watchAnswers: Middleware = {
  onRequest({ request, schemaPath }) {
    if (shownUser !== undefined && schemaPath !== '/api/v1/auth/me')
      request.headers.set(SHOWN_USER_HEADER, shownUser);
  },
  onResponse({ response, schemaPath }) {
    if (response.status !== 401 || schemaPath === '/api/v1/auth/me') return;
    for (const look of watchers) look();
  },
};
