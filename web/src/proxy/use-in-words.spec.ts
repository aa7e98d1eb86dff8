import { inWords } from './use-in-words';

type Use = Parameters<typeof inWords>[0];

describe('the last use of a key in words', () => {
  it.each<[Use['status'], Use['outcome'], boolean, string, RegExp | undefined]>([
    [200, 'completed', true, 'answered with 200', undefined],
    [200, 'client_aborted', true, 'answered with 200; the client left before its end', undefined],
    [200, 'upstream_failed', false, 'answered with 200, then broke off', /try again/],
    [null, 'client_aborted', false, 'the client left before there was an answer', undefined],
    [400, 'completed', false, 'answered with 400', /The key works/],
    [401, 'completed', false, 'answered with 401', /replace it/],
    [403, 'completed', false, 'answered with 403', /replace it/],
    [429, 'completed', false, 'answered with 429', /rate limit/],
    [502, 'upstream_failed', false, 'answered with 502', /had trouble/],
    [529, 'completed', false, 'answered with 529', /had trouble/],
  ])('%s, %s', (status, outcome, worked, answer, advice) => {
    const told = inWords({ status, outcome });
    expect(told).toMatchObject({ worked, answer });
    if (advice === undefined) expect(told.advice).toBeUndefined();
    else expect(told.advice).toMatch(advice);
  });
});
