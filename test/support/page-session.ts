import { Person, TestApp } from './app';

export const PAGE_SHARE = 'x-tracevault-page-share';

const SESSION = /^(__Host-tracevault_session|tracevault_session_\d+)=/;

/** What a browser has after signing in: the cookie and, over http, the page's share. */
export interface PageSession {
  readonly person: Person;
  readonly token: string;
  /** The whole `Set-Cookie` header of the session cookie. */
  readonly setCookie: string;
  /** All `Set-Cookie` headers of the response. */
  readonly setCookies: readonly string[];
  /** The `Cookie` header for later requests. */
  readonly cookie: string;
  readonly share: string | null;
  /** The headers that a page sends with each request, including those that prove its origin. */
  readonly headers: Record<string, string>;
}

/** Signs a user in as a page does; a new user unless one is given. */
export async function signInAsPage(
  app: TestApp,
  sent: Record<string, string> = {},
  person?: Person,
): Promise<PageSession> {
  const who = person ?? (await app.signUp());
  const body = { email: who.email, password: who.password };
  const response = await app.api('POST', 'auth/login', { body, headers: sent });
  const { token } = (await response.json()) as { token: string };
  const setCookies = response.headers.getSetCookie();
  const setCookie = setCookies.find((header) => SESSION.test(header)) ?? '';
  const cookie = setCookie.split(';')[0]!;
  const share = response.headers.get(PAGE_SHARE);
  const headers = { cookie, 'sec-fetch-site': 'same-origin', ...(share !== null && { [PAGE_SHARE]: share }) };
  return { person: who, token, setCookies, setCookie, cookie, share, headers };
}
