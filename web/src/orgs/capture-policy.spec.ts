import { auditorsInWords, CAPTURE_POLICIES, policyForMember, type CapturePolicy } from './capture-policy';

describe('whether an organization keeps what agents say', () => {
  it.each<[CapturePolicy, string | undefined]>([
    ['off', 'Acme has nothing kept of its calls, whatever you choose here.'],
    ['members_choose', undefined],
    ['required', 'Acme has all of its calls kept, whatever you choose here.'],
  ])('as in %s, means to a member: %s', (policy, words) => {
    expect(policyForMember(policy, 'Acme')).toBe(words);
  });

  it.each([
    [0, undefined],
    [
      1,
      'Acme has an auditor, who can read what is kept of its calls. You see each time, and the reason, in your activity.',
    ],
    [
      2,
      'Acme has 2 auditors, who can read what is kept of its calls. You see each time, and the reason, in your activity.',
    ],
  ])('can be read by %i auditors: %s', (auditors, words) => {
    expect(auditorsInWords(auditors, 'Acme')).toBe(words);
  });

  it('is chosen among what the API knows, from the least to the most', () => {
    expect(Object.keys(CAPTURE_POLICIES)).toEqual(['off', 'members_choose', 'required']);
  });
});
