import { ApiException } from '../api/api.exception';
import { DamagedContentError } from '../capture/kept-content.service';
import { PackStoreError } from '../capture/pack-store';
import { BodyPart, BodyState } from '../capture/trace-body.entity';

const HOW_TO_KEEP =
  'Content is kept from the next call on when its person turns that on (PUT /api/v1/me/capture).';

/**
 * Reads content.
 * @throws ApiException (content_damaged, content_unavailable), and whatever else `read` throws.
 */
export async function orRefused<Read>(read: () => Promise<Read>): Promise<Read> {
  try {
    return await read();
  } catch (cause) {
    if (cause instanceof PackStoreError)
      throw new ApiException(
        'content_unavailable',
        "What is kept can't be read at present: its store does not answer, or refuses to. Try again later; the server's log has the cause.",
        { cause },
      );
    if (!(cause instanceof DamagedContentError)) throw cause;
    throw new ApiException(
      'content_damaged',
      "The content of this call is damaged where it is stored; the server's log says how. The rest of the trace still opens.",
    );
  }
}

/** Creates the error of a body that is not there. @param state undefined if nothing is known of it. */
export function absent(part: BodyPart, state: Exclude<BodyState, 'kept'> | undefined): ApiException {
  switch (state) {
    case undefined:
      return new ApiException('content_not_kept', `The ${part} of this call is not kept. ${HOW_TO_KEEP}`);
    case 'deleted':
      return new ApiException(
        'content_deleted',
        `The ${part} of this call has been deleted. Its digest stays.`,
      );
    case 'dropped':
      return new ApiException(
        'content_dropped',
        `The ${part} of this call is not kept: there was no room for it in time. Its digest is.`,
      );
    case 'too_large':
      return new ApiException(
        'content_too_large',
        `The ${part} of this call is not kept: it has more than 32 MiB. Its digest is.`,
      );
  }
}
