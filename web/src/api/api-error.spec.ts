import { atFields, isBecause, refusalOf, type ApiError } from './api-error';

describe('a refusal', () => {
  const wrongEmail = { field: 'email', code: 'invalid_email', message: 'email must be an email' };

  it.each<[string, number, unknown, unknown[]]>([
    [
      'one error',
      401,
      {
        statusCode: 401,
        message: 'Not signed in.',
        errors: [{ code: 'missing_token', message: 'Not signed in.' }],
      },
      [{ code: 'missing_token', message: 'Not signed in.' }],
    ],
    [
      'several',
      400,
      { message: ['email must be an email', 'and 9 more'], errors: [wrongEmail, wrongEmail] },
      [wrongEmail, wrongEmail],
    ],
    [
      'a page of some gateway',
      502,
      '<html>Bad Gateway</html>',
      [{ message: expect.stringContaining('502') }],
    ],
    ['nothing', 503, undefined, [{ message: expect.stringContaining('503') }]],
    [
      'JSON of another shape',
      500,
      { errors: [{ deep: true }] },
      [{ message: expect.stringContaining('500') }],
    ],
    ['no list', 500, { message: 'No', errors: 'no' }, [{ message: expect.stringContaining('500') }]],
  ])('reads %s', (_, status, body, errors) => {
    expect(refusalOf(status, body)).toEqual({ status, errors });
  });

  const refusal: ApiError = {
    status: 400,
    errors: [
      { field: 'password', code: 'too_short', message: 'password is short' },
      { field: 'email', code: 'invalid_email', message: 'email must be an email' },
      { field: 'email', code: 'too_long', message: 'email is long' },
      { field: 'color', code: 'unknown_field', message: 'property color should not exist' },
      { code: 'rate_limited', message: 'Too many attempts of this email.' },
    ],
  };

  it('stands at the field that it is about, the first message of each, and the rest at the form', () => {
    expect(atFields(refusal, { typed: 'email', secret: 'password' })).toEqual({
      fields: { typed: 'email must be an email', secret: 'password is short' },
      rest: ['property color should not exist', 'Too many attempts of this email.'],
    });
  });

  it('is known by its codes', () => {
    expect(isBecause(refusal, 'email_taken', 'rate_limited')).toBe(true);
    expect(isBecause(refusal, 'email_taken')).toBe(false);
    expect(isBecause({ status: 502, errors: [{ message: 'email_taken' }] }, 'email_taken')).toBe(false);
  });
});
