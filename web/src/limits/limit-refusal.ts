import type { ApiError, ErrorCode } from '../api/api-error';
import type { Draft } from './limit-draft';

type Words = Partial<Record<ErrorCode, string>>;

const NUMBER = 'Enter an amount such as 25.00: from 0 to 1,000,000, with a point and at most two decimals.';
const RATES = 'Enter whole numbers from 1 to 1,000,000,000, in at least one of the two.';
const MODELS = 'Enter up to 100 models, one a line, such as claude-sonnet-*.';

/** The pages' words for the codes of a field's errors, by the API's name of the field. */
const WORDS: Readonly<Record<string, Words>> = {
  amount_usd: { invalid_amount: NUMBER, required: NUMBER },
  per_minute: { invalid_rate: RATES, required: RATES },
  allow: { invalid_pattern: MODELS, required: MODELS },
  until: { invalid_time: 'Choose a time that is yet to come.' },
  note: {
    too_long: 'A note has at most 200 characters.',
    invalid_characters: 'A note holds nothing that can’t be seen, such as line breaks.',
  },
};

const OF_SUBJECTS: Readonly<Record<'member' | 'token', Words>> = {
  member: {
    required: 'Choose a member.',
    unknown_subject: 'This person is no longer a member. Choose somebody else.',
  },
  token: {
    required: 'Choose a proxy token.',
    unknown_subject: 'This token was revoked, or belongs to another organization. Choose another one.',
  },
};

/** Replaces the server's messages about what was typed with the pages' own words; messages about anything else stay. */
export function limitRefusal(refusal: ApiError, { scope }: Pick<Draft, 'scope'>): ApiError {
  const errors = refusal.errors.map((error) => {
    const { field = '', code } = error;
    if (code === undefined) return error;
    if (code === 'limit_not_found')
      return {
        ...error,
        message: 'Somebody has deleted this limit meanwhile. Create it again if it is needed.',
      };
    const isOfOne = scope === 'member' || scope === 'token';
    const words = field === 'subject_id' ? isOfOne && OF_SUBJECTS[scope] : WORDS[field];
    const message = words === undefined || words === false ? undefined : words[code];
    return message === undefined ? error : { ...error, message };
  });
  return { ...refusal, errors };
}
