import { KeyUse } from './anthropic-key.entity';

type Result = Pick<KeyUse, 'status' | 'outcome'>;

/** In which of three ways a request with a key came out; undefined when its client left before anybody could know. */
function classOf({ status, outcome }: Result): 'worked' | 'provider_error' | 'own_failure' | undefined {
  if (status === null) return undefined;
  if (outcome === 'upstream_failed' || outcome === 'rejected') return 'own_failure';
  return status >= 400 ? 'provider_error' : 'worked';
}

/** Whether a request tells another thing of a key than an earlier one did: that it works, that it fails, or where. */
export function isOtherClass(use: Result, earlier: Result): boolean {
  const [now, before] = [classOf(use), classOf(earlier)];
  return now !== undefined && now !== before;
}
