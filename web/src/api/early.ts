import { SHOWN_USER_HEADER } from './session-watch';

/** The responses that were asked for before the page that needs them was there, by their URL. Each is taken once. */
const early = new Map<string, Promise<Response>>();
/** The time for which such a response is as good as a new one, in milliseconds. */
const FRESH_MS = 10_000;

/**
 * Keeps the response to a GET request for the page that will send the same request: while its script and the session are still on
 * their way, its data already is.
 * @param send sends the request.
 */
export function keepEarly(url: string, send: () => Promise<Response>): void {
  const response = send();
  response.catch(() => undefined); // the page's own request meets the failure
  early.set(url, response);
  setTimeout(() => {
    if (early.get(url) === response) early.delete(url);
  }, FRESH_MS);
}

/** Drops all responses that no page has taken. */
export function dropEarly(): void {
  early.clear();
}

/**
 * Sends a request of the API's client, or takes the response that was asked for early. It may have been asked for before the page
 * knew who is signed in: the response of another user, or one that names no user, such as a refusal, is thrown away.
 */
export async function fetchOrTake(request: Request): Promise<Response> {
  const taken = request.method === 'GET' ? early.get(request.url) : undefined;
  if (taken === undefined) return fetch(request);
  early.delete(request.url);
  const response = await taken.catch(() => undefined);
  const shownUser = request.headers.get(SHOWN_USER_HEADER);
  if (shownUser === null || response?.headers.get(SHOWN_USER_HEADER) !== shownUser) return fetch(request);
  return response;
}
