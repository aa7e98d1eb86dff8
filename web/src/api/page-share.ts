import type { Middleware } from 'openapi-fetch';
import type { ApiError } from './api-error';

/**
 * Over http the browser's cookie holds half of the session, and this origin's storage the other half (docs/decisions/0022).
 * The explorer knows both names as well (src/api/explorer.ts).
 */
const HEADER = 'x-tracevault-page-share';
const STORED_AS = 'tracevault.page-share';

/** The browser does not let the page store anything, so that a session over http can't begin here. */
export class ShareNotKept extends Error {
  readonly refusal: ApiError;

  constructor(status: number) {
    super('The page’s share of the session could not be stored');
    const message =
      'Your browser does not let this page keep its part of the session. Allow it to store site data for this address, then sign in.';
    this.refusal = { status, errors: [{ message }] };
  }
}

/** Sends the share with each request, and keeps the one that a new session comes with. */
export const carryPageShare: Middleware = {
  onRequest({ request }) {
    const share = storedShare();
    if (share !== null) request.headers.set(HEADER, share);
  },
  onResponse({ response }) {
    const share = response.headers.get(HEADER);
    if (share === null) return;
    try {
      localStorage.setItem(STORED_AS, share);
    } catch {
      throw new ShareNotKept(response.status);
    }
  },
};

/** At sign-out. */
export function clearPageShare(): void {
  try {
    localStorage.removeItem(STORED_AS);
  } catch {
    // Where nothing may be stored, nothing is.
  }
}

function storedShare(): string | null {
  try {
    return localStorage.getItem(STORED_AS);
  } catch {
    return null;
  }
}
