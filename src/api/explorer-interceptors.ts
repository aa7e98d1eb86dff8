/** These functions run in the browser, each by its own text: nothing else of this file is known there. */
interface Browser {
  readonly localStorage: { getItem(name: string): string | null; setItem(name: string, value: string): void };
}

/**
 * Swagger UI would send the catch-all's path, with slashes and a query, as one encoded segment. A call of the API by whoever is signed
 * in on the pages carries the page's share of the session, as theirs do (web/src/api/page-share.ts).
 */
export function prepare(request: { url: string; headers: Record<string, string> }): { url: string } {
  const [path = '', ...query] = request.url.split('?');
  const typed = path.replace(/%2F/gi, '/').replace(/%3F/gi, '?').replace(/%3D/gi, '=').replace(/%26/g, '&');
  if (path.includes('/proxy/')) request.url = [typed, ...query].join(typed.includes('?') ? '&' : '?');
  try {
    const share = (globalThis as unknown as Browser).localStorage.getItem('tracevault.page-share');
    if (share !== null && path.includes('/api/v1/')) request.headers['x-tracevault-page-share'] = share;
  } catch {
    // Storage may be blocked; the call goes with what was authorized by hand.
  }
  return request;
}

/** A session that begins in the explorer replaces the cookie, and so the pages' share of it as well. */
export function keepPageShare(response: { headers: Record<string, string> }): object {
  const share = response.headers['x-tracevault-page-share'];
  try {
    if (share !== undefined)
      (globalThis as unknown as Browser).localStorage.setItem('tracevault.page-share', share);
  } catch {
    // The answer is shown all the same.
  }
  return response;
}
