import { inWords } from './use-in-words';

type Use = Parameters<typeof inWords>[0];

describe('the last use of a key in words', () => {
  it.each<[Use['status'], Use['outcome'], string, string, RegExp | undefined]>([
    [200, 'completed', 'worked', 'answered with 200', undefined],
    [200, 'client_aborted', 'worked', 'answered with 200; the client left before its end', undefined],
    [200, 'upstream_failed', 'failed', 'answered with 200, then broke off', /try again/],
    [null, 'client_aborted', 'unknown', 'the client left before there was an answer', undefined],
    [400, 'completed', 'failed', 'answered with 400', /The key works/],
    [401, 'completed', 'failed', 'answered with 401', /replace it/],
    [403, 'completed', 'failed', 'answered with 403', /replace it/],
    [429, 'completed', 'failed', 'answered with 429', /rate limit of OpenAI/],
    [502, 'upstream_failed', 'failed', 'answered with 502', /had trouble/],
    [529, 'completed', 'failed', 'answered with 529', /^OpenAI, or/],
  ])('%s, %s', (status, outcome, result, answer, advice) => {
    const told = inWords({ status, outcome }, 'OpenAI');
    expect(told).toMatchObject({ result, answer });
    if (advice === undefined) expect(told.advice).toBeUndefined();
    else expect(told.advice).toMatch(advice);
  });
});
