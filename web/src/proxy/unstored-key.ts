import { isBecause, type ApiError } from '../api/api-error';

/** Why a key was not stored that could be stored all the same. */
export interface Unstored {
  /** The provider refused the key; otherwise it could not say whether it takes it. */
  readonly isRefused: boolean;
  readonly message: string;
}

/** @returns undefined for a refusal that is about something else. */
export function unstoredIn(refusal: ApiError): Unstored | undefined {
  const isRefused = isBecause(refusal, 'key_refused');
  const isOpen = isBecause(refusal, 'provider_error', 'provider_unreachable', 'provider_timeout');
  const [error] = refusal.errors;
  return error !== undefined && (isRefused || isOpen) ? { isRefused, message: error.message } : undefined;
}
