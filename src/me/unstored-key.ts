import { ApiException } from '../api/api.exception';
import { Provider } from '../providers/provider';
import { KeyCheck } from '../proxy/key-check.service';

const NOTHING = 'Nothing was stored.';
/** A message of its own: pages and the command have their own ways to say it, and leave it out. */
const ANYWAY = 'To store it anyway, send it again with force=true.';

/** Why a key is not stored that was checked and not found to work: 422 when the provider refused it, 502 or 504 when it can't say. */
export function unstoredKey(
  { name }: Provider,
  check: Exclude<KeyCheck, { result: 'works' }>,
  limitMs: number,
): ApiException {
  switch (check.result) {
    case 'refused':
      return new ApiException(
        'key_refused',
        [`${name} refused this key ${told(check)}. ${NOTHING}`, ANYWAY],
        {
          field: 'key',
        },
      );
    case 'inconclusive':
      return new ApiException('provider_error', uncheckable(name, `answered ${told(check)}`));
    case 'unanswered':
      return check.why === 'timeout'
        ? new ApiException(
            'provider_timeout',
            uncheckable(name, `did not answer within ${limitMs / 1000} seconds`),
          )
        : new ApiException('provider_unreachable', uncheckable(name, 'could not be reached'));
  }
}

function uncheckable(name: string, what: string): string[] {
  return [`The key could not be checked: ${name} ${what}. ${NOTHING} Try again in a moment.`, ANYWAY];
}

/** The status, and the provider's own words where there are any. */
function told({ status, words }: { readonly status: number; readonly words: string | undefined }): string {
  return words === undefined ? `with ${status}` : `with ${status}: “${words}”`;
}
