import type { Middleware } from 'openapi-fetch';
import type { ApiError } from './api-error';

/**
 * The header of the page's share. Over http the cookie has one half of the session, and this origin's storage has the other
 * (docs/decisions/0022). The explorer uses the same header and storage key (src/api/explorer.ts).
 */
const HEADER = 'x-tracevault-page-share';
const STORED_AS = 'tracevault.page-share';

/** The error when the browser does not let the page store its share, so that a session over http is not possible. */
export class ShareNotKept extends Error {
  readonly refusal: ApiError;

  constructor(status: number) {
    super('The page’s share of the session could not be stored');
    const message =
      'Your browser does not let this page keep its part of the session. Allow it to store site data for this address, then sign in.';
    this.refusal = { status, errors: [{ message }] };
  }
}

/** Sends the share with each request, and stores the share of a new session. @throws ShareNotKept when it can't be stored. */
export const carryPageShare: Middleware = {
  onRequest({ request }) {
    for (const [name, value] of shareHeaders()) request.headers.set(name, value);
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

/** Returns the header with the stored share, if there is one. */
export function shareHeaders(): [string, string][] {
  const share = storedShare();
  return share === null ? [] : [[HEADER, share]];
}

/** Removes the share from the storage, at sign-out. */
export function clearPageShare(): void {
  try {
    localStorage.removeItem(STORED_AS);
  } catch {
    // Where the storage is not accessible, it contains no share.
  }
}

function storedShare(): string | null {
  try {
    return localStorage.getItem(STORED_AS);
  } catch {
    return null;
  }
}
