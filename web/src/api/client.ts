import createClient from 'openapi-fetch';
import { NO_ANSWER, refusalOf, type Refusal } from './refusal';
import type { components, paths } from './schema';

export type Dto = components['schemas'];

/** Same origin. Who asks is in the browser's HttpOnly cookie, which no script sees. */
export const api = createClient<paths>({ baseUrl: location.origin });

export type Answer<T> =
  { readonly ok: true; readonly data: T } | { readonly ok: false; readonly refusal: Refusal };

interface Exchange<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** Never rejects: whatever happened is something that a page can show. */
export async function ask<T>(exchange: Promise<Exchange<T>>): Promise<Answer<T>> {
  try {
    const { data, error, response } = await exchange;
    if (response.ok) return { ok: true, data: data as T };
    return { ok: false, refusal: refusalOf(response.status, error) };
  } catch {
    return { ok: false, refusal: NO_ANSWER };
  }
}
