import createClient from 'openapi-fetch';
import { noteAnswer, noteSilence } from './connection.svelte';
import { fetchOrTake, keepEarly } from './early';
import { carryPageShare, shareHeaders, ShareNotKept } from './page-share';
import { NO_ANSWER, refusalOf, type ApiError } from './api-error';
import type { components, paths } from './schema';
import { shownUserHeaders, watchAnswers } from './session-watch';
import { shown } from './shown';

export type Dto = components['schemas'];

/** The client of the API, on the same origin. An HttpOnly cookie authenticates the user; over http the page's share is needed too. */
export const api = createClient<paths>({ baseUrl: location.origin, fetch: fetchOrTake });
api.use(carryPageShare, watchAnswers);

export type Answer<T> =
  { readonly ok: true; readonly data: T } | { readonly ok: false; readonly refusal: ApiError };

interface Exchange<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/**
 * Awaits an API call. Never rejects: every failure becomes an error that a page can show.
 * @param clean makes the texts of a response harmless.
 */
export async function request<T>(
  exchange: Promise<Exchange<T>>,
  clean: (data: T) => T = shown,
): Promise<Answer<T>> {
  try {
    const { data, error, response } = await exchange;
    noteAnswer();
    if (response.ok) return { ok: true, data: clean(data as T) };
    return { ok: false, refusal: refusalOf(response.status, shown(error)) };
  } catch (error) {
    if (error instanceof ShareNotKept) return { ok: false, refusal: error.refusal };
    if (!isAbort(error)) noteSilence();
    return { ok: false, refusal: NO_ANSWER };
  }
}

/** Awaits several API calls at once. @returns all their data, or the error of the first that failed. */
export async function requestAll<T extends readonly unknown[]>(
  ...requests: { readonly [Index in keyof T]: Promise<Answer<T[Index]>> }
): Promise<Answer<T>> {
  const answers = (await Promise.all(requests)) as Answer<unknown>[];
  const failed = answers.find((answer) => !answer.ok);
  if (failed?.ok === false) return failed;
  return { ok: true, data: answers.map((answer) => (answer.ok ? answer.data : undefined)) as unknown as T };
}

/** Asks for what a page will ask for, while the page itself is still on its way. @param path the URL's path, with the query. */
export function askEarly(path: string): void {
  const url = new URL(path, location.origin).href;
  keepEarly(url, () => fetch(url, { headers: [...shareHeaders(), ...shownUserHeaders()] }));
}

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}
