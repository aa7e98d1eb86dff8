import { atFields, refusalOf } from './refusal';

describe('a refusal', () => {
  it.each<[string, number, unknown, string[]]>([
    ['one message', 401, { statusCode: 401, message: 'Not signed in.' }, ['Not signed in.']],
    [
      'a list',
      400,
      { message: ['email must be an email', 'password is short'] },
      ['email must be an email', 'password is short'],
    ],
    ['a page of some gateway', 502, '<html>Bad Gateway</html>', [expect.stringContaining('502')]],
    ['nothing', 503, undefined, [expect.stringContaining('503')]],
    ['JSON of another shape', 500, { message: { deep: true } }, [expect.stringContaining('500')]],
  ])('reads %s', (_, status, body, messages) => {
    expect(refusalOf(status, body)).toEqual({ status, messages });
  });

  it('stands at the field that it is about, the first message of each, and the rest at the form', () => {
    const messages = ['password is short', 'email must be an email', 'email is long', 'Too many attempts.'];
    expect(atFields({ status: 400, messages }, { email: /^email/, password: /^password/ })).toEqual({
      fields: { email: 'email must be an email', password: 'password is short' },
      rest: ['Too many attempts.'],
    });
  });
});
