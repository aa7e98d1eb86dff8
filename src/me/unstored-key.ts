import { ApiException } from '../api/api.exception';
import { Provider } from '../providers/provider';
import { KeyCheck } from '../proxy/key-check.service';

const NOTHING = 'Nothing was stored.';
/** The second message, separate from the first because pages and the command replace it with their own instructions. */
const ANYWAY = 'To store it anyway, send it again with force=true.';

/**
 * Returns the error for a key that did not pass its check and was not stored: 422 when the provider refused it, 502 or 504
 * when the check failed.
 * @param limitMs the timeout of the check, in milliseconds.
 */
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

/** Formats the provider's status, followed by its message if there is one. */
function told({ status, words }: { readonly status: number; readonly words: string | undefined }): string {
  return words === undefined ? `with ${status}` : `with ${status}: “${words}”`;
}
