import createClient from 'openapi-fetch';
import { carryPageShare, ShareNotKept } from './page-share';
import { NO_ANSWER, refusalOf, type ApiError } from './api-error';
import type { components, paths } from './schema';
import { watchAnswers } from './session-watch';
import { shown } from './shown';

export type Dto = components['schemas'];

/** The client of the API, on the same origin. An HttpOnly cookie authenticates the user; over http the page's share is needed too. */
export const api = createClient<paths>({ baseUrl: location.origin });
api.use(carryPageShare, watchAnswers);

export type Answer<T> =
  { readonly ok: true; readonly data: T } | { readonly ok: false; readonly refusal: ApiError };

interface Exchange<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** Awaits an API call. Never rejects: every failure becomes an error that a page can show. */
export async function request<T>(exchange: Promise<Exchange<T>>): Promise<Answer<T>> {
  try {
    const { data, error, response } = await exchange;
    if (response.ok) return { ok: true, data: shown(data as T) };
    return { ok: false, refusal: refusalOf(response.status, shown(error)) };
  } catch (error) {
    return { ok: false, refusal: error instanceof ShareNotKept ? error.refusal : NO_ANSWER };
  }
}
