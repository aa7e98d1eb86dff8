import type { components } from '../api/schema';

/** The result of the last request with a key, with advice if it failed. */
interface Told {
  /** The result; `unknown` when the client disconnected before the response. */
  readonly result: 'worked' | 'failed' | 'unknown';
  readonly answer: string;
  readonly advice?: string;
}

/** @param provider the provider's name. */
export function inWords(
  { status, outcome }: Pick<components['schemas']['KeyUseDto'], 'status' | 'outcome'>,
  provider: string,
): Told {
  if (status === null) return { result: 'unknown', answer: 'the client left before there was an answer' };
  const answer = `answered with ${status}`;
  const failed = (advice: string): Told => ({ result: 'failed', answer, advice });
  if (status === 401 || status === 403)
    return failed(`${provider} does not accept the key for this. If that stays so, replace it.`);
  if (status === 429) return failed(`The key works; the rate limit of ${provider} was reached.`);
  if (status >= 500)
    return failed(`${provider}, or the way there, had trouble. Agents try again by themselves.`);
  if (status >= 400) return failed(`The key works; ${provider} refused what this request asked for.`);
  switch (outcome) {
    case 'upstream_failed':
      return {
        result: 'failed',
        answer: `${answer}, then broke off`,
        advice: 'Agents try again by themselves.',
      };
    case 'client_aborted':
      return { result: 'worked', answer: `${answer}; the client left before its end` };
    case 'completed':
    case 'rejected':
      return { result: 'worked', answer };
  }
}
