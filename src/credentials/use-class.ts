import { KeyUse } from './provider-key.entity';

type Result = Pick<KeyUse, 'status' | 'outcome'>;

/**
 * Returns which of three classes the outcome of a request with a key belongs to, or undefined when the client disconnected
 * before a response.
 */
function classOf({ status, outcome }: Result): 'worked' | 'provider_error' | 'own_failure' | undefined {
  if (status === null) return undefined;
  if (outcome === 'upstream_failed' || outcome === 'rejected') return 'own_failure';
  return status >= 400 ? 'provider_error' : 'worked';
}

/** Returns whether a use says something else about a key than an earlier use: that it works, that it fails, or on which side. */
export function isOtherClass(use: Result, earlier: Result): boolean {
  const [now, before] = [classOf(use), classOf(earlier)];
  return now !== undefined && now !== before;
}
