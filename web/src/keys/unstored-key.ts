import { isBecause, type ApiError } from '../api/api-error';

/** Why a key was not stored, if the user can still store it without a check. */
export interface Unstored {
  /** Whether the provider refused the key; otherwise it could not verify it. */
  readonly isRefused: boolean;
  readonly message: string;
}

/** Returns why the key was not stored; undefined for an error that is not about verifying the key. */
export function unstoredIn(refusal: ApiError): Unstored | undefined {
  const isRefused = isBecause(refusal, 'key_refused');
  const isOpen = isBecause(refusal, 'provider_error', 'provider_unreachable', 'provider_timeout');
  const [error] = refusal.errors;
  return error !== undefined && (isRefused || isOpen) ? { isRefused, message: error.message } : undefined;
}
