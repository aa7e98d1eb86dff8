import { Outcome } from './facts';
import { outcomeOf } from './outcome';

describe('outcomeOf', () => {
  const upstreamFailed = { outcome: 'upstream_failed' } as const;
  const rejected = { outcome: 'rejected' } as const;

  it.each<[string, Parameters<typeof outcomeOf>[0], Outcome]>([
    [
      'a whole response of ours',
      { error: undefined, isSent: true, isForwarded: false, status: 200 },
      'completed',
    ],
    ['a redirect of ours', { error: undefined, isSent: true, isForwarded: false, status: 308 }, 'completed'],
    ['a refusal of ours', { error: undefined, isSent: true, isForwarded: false, status: 400 }, 'rejected'],
    ['an error of ours', { error: undefined, isSent: true, isForwarded: false, status: 500 }, 'rejected'],
    [
      'a whole response of the upstream',
      { error: undefined, isSent: true, isForwarded: true, status: 200 },
      'completed',
    ],
    [
      'an error of the upstream',
      { error: undefined, isSent: true, isForwarded: true, status: 529 },
      'completed',
    ],
    [
      'a client that left before the head',
      { error: undefined, isSent: false, isForwarded: false, status: 200 },
      'client_aborted',
    ],
    [
      'a client that left in the stream',
      { error: undefined, isSent: false, isForwarded: true, status: 200 },
      'client_aborted',
    ],
    [
      'a failed upstream, told whole',
      { error: upstreamFailed, isSent: true, isForwarded: false, status: 502 },
      'upstream_failed',
    ],
    [
      'an upstream that broke in the stream',
      { error: upstreamFailed, isSent: false, isForwarded: true, status: 200 },
      'upstream_failed',
    ],
    [
      'a refusal that the client did not wait for',
      { error: rejected, isSent: false, isForwarded: false, status: 401 },
      'rejected',
    ],
    [
      'an access that ended in the upload',
      { error: rejected, isSent: false, isForwarded: true, status: 200 },
      'rejected',
    ],
  ])('%s', (_, end, outcome) => {
    expect(outcomeOf(end)).toBe(outcome);
  });
});
