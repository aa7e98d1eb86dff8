import { KeyUse } from './provider-key.entity';
import { isOtherClass } from './use-class';

type Result = readonly [KeyUse['status'], KeyUse['outcome']];

const WORKED: Result[] = [
  [200, 'completed'],
  [204, 'completed'],
  [200, 'client_aborted'],
  [304, 'completed'],
];
const PROVIDER_ERROR: Result[] = [
  [401, 'completed'],
  [429, 'completed'],
  [502, 'completed'],
  [529, 'completed'],
  [400, 'client_aborted'],
];
const OWN_FAILURE: Result[] = [
  [502, 'upstream_failed'],
  [200, 'upstream_failed'],
  [413, 'rejected'],
];
const CLASSES = { worked: WORKED, 'provider error': PROVIDER_ERROR, 'own failure': OWN_FAILURE };
const isOther = ([status, outcome]: Result, [before, earlier]: Result): boolean =>
  isOtherClass({ status, outcome }, { status: before, outcome: earlier });

describe('a use of a key tells another thing than an earlier one', () => {
  it.each(Object.entries(CLASSES))('when it is in another class: %s', (name, uses) => {
    for (const use of uses) {
      for (const [other, earlier] of Object.entries(CLASSES))
        for (const one of earlier) expect([use, one, isOther(use, one)]).toEqual([use, one, other !== name]);
      expect(isOther(use, [null, 'client_aborted'])).toBe(true);
    }
  });

  it('never when its client left before there was an answer', () => {
    for (const earlier of [...WORKED, ...PROVIDER_ERROR, ...OWN_FAILURE, [null, 'client_aborted'] as const])
      expect(isOther([null, 'client_aborted'], earlier)).toBe(false);
  });
});
