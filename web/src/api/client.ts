import createClient from 'openapi-fetch';
import { carryPageShare, ShareNotKept } from './page-share';
import { NO_ANSWER, refusalOf, type ApiError } from './api-error';
import type { components, paths } from './schema';
import { watchAnswers } from './session-watch';
import { shown } from './shown';

export type Dto = components['schemas'];

/** Same origin. Who asks is in the browser's HttpOnly cookie, which no script sees; over http, in the page's share as well. */
export const api = createClient<paths>({ baseUrl: location.origin });
api.use(carryPageShare, watchAnswers);

export type Answer<T> =
  { readonly ok: true; readonly data: T } | { readonly ok: false; readonly refusal: ApiError };

interface Exchange<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** Never rejects: whatever happened is something that a page can show. */
export async function request<T>(exchange: Promise<Exchange<T>>): Promise<Answer<T>> {
  try {
    const { data, error, response } = await exchange;
    if (response.ok) return { ok: true, data: shown(data as T) };
    return { ok: false, refusal: refusalOf(response.status, shown(error)) };
  } catch (error) {
    return { ok: false, refusal: error instanceof ShareNotKept ? error.refusal : NO_ANSWER };
  }
}
