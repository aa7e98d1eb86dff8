import { CapturePolicy } from './org.entity';
import { keepsContent } from './keeps-content';

describe('whether the content of a call is kept', () => {
  it.each<[CapturePolicy | undefined, boolean, boolean]>([
    [undefined, false, false],
    [undefined, true, true],
    ['off', false, false],
    ['off', true, false],
    ['members_choose', false, false],
    ['members_choose', true, true],
    ['required', false, true],
    ['required', true, true],
  ])('policy %s, chosen %s: %s', (policy, isChosen, expected) => {
    expect(keepsContent(policy, isChosen)).toBe(expected);
  });
});
