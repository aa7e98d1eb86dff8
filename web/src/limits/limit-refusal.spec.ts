import type { ErrorCode } from '../api/api-error';
import { limitRefusal } from './limit-refusal';

const told = (
  field: string | undefined,
  code: ErrorCode | undefined,
  scope: 'everyone' | 'member' | 'token',
) => {
  const item = { ...(field !== undefined && { field }), ...(code !== undefined && { code }) };
  return limitRefusal({ status: 400, errors: [{ ...item, message: 'as the server says' }] }, { scope })
    .errors[0]?.message;
};

describe('what is said of a limit that the server refuses', () => {
  it.each<[string, ErrorCode, RegExp]>([
    ['amount_usd', 'invalid_amount', /^Enter an amount such as 25\.00/],
    ['per_minute', 'invalid_rate', /^Enter whole numbers/],
    ['allow', 'invalid_pattern', /^Enter up to 100 models/],
    ['until', 'invalid_time', /^Choose a time/],
    ['note', 'too_long', /^A note has at most 200/],
  ])('about %s (%s) is in the pages’ words', (field, code, words) => {
    expect(told(field, code, 'everyone')).toMatch(words);
  });

  it.each<['member' | 'token', ErrorCode, RegExp]>([
    ['member', 'required', /^Choose a member\.$/],
    ['member', 'unknown_subject', /^This person is no longer a member/],
    ['token', 'required', /^Choose a proxy token\.$/],
    ['token', 'unknown_subject', /^This token was revoked/],
  ])('about the %s (%s) as well', (scope, code, words) => {
    expect(told('subject_id', code, scope)).toMatch(words);
  });

  it('about a limit that is gone says so', () => {
    expect(told(undefined, 'limit_not_found', 'everyone')).toMatch(/^Somebody has deleted this limit/);
  });

  it.each<[string | undefined, ErrorCode | undefined]>([
    ['allow', 'unknown_model'], // it names the model
    [undefined, 'too_many_limits'],
    ['subject_id', 'conflicting_field'],
    [undefined, undefined],
  ])('about %s (%s) is what the server says', (field, code) => {
    expect(told(field, code, 'everyone')).toBe('as the server says');
  });
});
