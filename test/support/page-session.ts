import { Person, TestApp } from './app';

export const PAGE_SHARE = 'x-tracevault-page-share';

const SESSION = /^(__Host-tracevault_session|tracevault_session_\d+)=/;

/** What a browser holds after a sign-in: the cookie, and over http the page's share beside it. */
export interface PageSession {
  readonly person: Person;
  readonly token: string;
  /** Its whole `Set-Cookie` header. */
  readonly setCookie: string;
  /** All of the answer's. */
  readonly setCookies: readonly string[];
  /** The `Cookie` header that follows from it. */
  readonly cookie: string;
  readonly share: string | null;
  /** What a page of ours sends with each request, the proof of its origin included. */
  readonly headers: Record<string, string>;
}

/** Signs a new person in as a page does. */
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
