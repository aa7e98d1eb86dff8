import type { ErrorCode } from '../api/api-error';
import { unstoredIn } from './unstored-key';

const message = 'Anthropic said no. Nothing was stored.';

describe('a key that was not stored', () => {
  it.each<[ErrorCode | undefined, object | undefined]>([
    ['key_refused', { isRefused: true, message }],
    ['provider_error', { isRefused: false, message }],
    ['provider_unreachable', { isRefused: false, message }],
    ['provider_timeout', { isRefused: false, message }],
    ['invalid_key', undefined],
    ['invalid_token', undefined],
    ['rate_limited', undefined],
    [undefined, undefined],
  ])('because of %s', (code, unstored) => {
    expect(unstoredIn({ status: 502, errors: [{ ...(code && { code }), message }] })).toEqual(unstored);
  });
});
