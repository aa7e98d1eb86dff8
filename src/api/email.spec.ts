import 'reflect-metadata';
import { plainToInstance } from 'class-transformer';
import { canonicalEmail, emailError, IsNewEmail } from './email';

class Invited {
  @IsNewEmail()
  email!: unknown;
}

describe('an email', () => {
  it.each([
    ['Ada@Example.COM', 'ada@example.com'],
    ['\uff21da@example.com', 'ada@example.com'],
    ['ada\uff20\uff45xample.com', 'ada@example.com'],
    ['\ufb01n@example.com', 'fin@example.com'],
    ['\u{1d400}da@example.com', 'ada@example.com'],
    ['e\u0301va@example.com', '\u00e9va@example.com'],
    ['\u00c9va@example.com', '\u00e9va@example.com'],
    ['\u212aarl@example.com', 'karl@example.com'], // the Kelvin sign
    ['\u0130da@example.com', 'i\u0307da@example.com'],
    ['ada@b\u00fccher.example', 'ada@b\u00fccher.example'],
    // Host names of a local network are allowed: this server sends no mail, and the email is only a name to sign in with.
    ['Ann@localhost', 'ann@localhost'],
    ['ann@INTRANET', 'ann@intranet'],
    ['ann@build-7', 'ann@build-7'],
  ])('%j is known as %j', (typed, canonical) => {
    expect(canonicalEmail(typed)).toBe(canonical);
    expect(canonicalEmail(canonical)).toBe(canonical);
    expect(emailError('email', canonical)).toBeUndefined();
  });

  it.each([
    ['"a\u001bb"@example.com', 'nobody sees'],
    ['"a\nb"@example.com', 'nobody sees'],
    ['a\u202e@example.com', 'nobody sees'],
    ['a\u200b@example.com', 'nobody sees'],
    ['a\u00ad@example.com', 'nobody sees'],
    ['a\ue000@example.com', 'nobody sees'],
    ['a\u3164@example.com', 'nobody sees'], // a letter that leaves a blank
    ['a\u034f@example.com', 'nobody sees'],
    ['a\ufe0f@example.com', 'nobody sees'],
    ['nobody', 'must be an email'],
    ['nobody@', 'must be an email'],
    ['@localhost', 'must be an email'],
    ['ann@localhost.', 'must be an email'],
    ['ann@.localhost', 'must be an email'],
    ['ann@-localhost', 'must be an email'],
    ['ann@local host', 'must be an email'],
    ['ann@127', 'must be an email'],
    ['ann@127.0.0.1', 'must be an email'],
    ['ann@localhost:3000', 'must be an email'],
    ['ann@localhost\uff20evil', 'must be an email'],
    [`ann@${'b'.repeat(64)}`, 'must be an email'],
    ['', 'must be an email'],
    ['victim\uff20example.com@evil.example', 'must be an email'],
    ['a\u2025b@example.com', 'must be an email'], // one character that stands for two dots
    [`a@${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(63)}.${'e'.repeat(63)}.example`, 'must be an email'],
    [undefined, 'must be an email'],
    [{}, 'must be an email'],
  ])('%j is refused: %s', (typed, problem) => {
    const canonical = typeof typed === 'string' ? canonicalEmail(typed) : typed;
    const isHidden = problem === 'nobody sees';
    const { code, message } = emailError('email', canonical)!;
    expect(code).toBe(isHidden ? 'invalid_characters' : 'invalid_email');
    expect(message).toContain(`email ${isHidden ? 'must not hold' : problem}`);
    expect(message).toContain(problem);
  });

  it.each([
    [' \uff21da@example.com ', 'ada@example.com'],
    [`${'\ufdfa'.repeat(300)}@example.com`, `${'\ufdfa'.repeat(300)}@example.com`], // its compatibility form has 5,400 more characters
    [undefined, undefined],
    [1, 1],
  ])('%j is judged in its one form, unless it is too long for any', (typed, judged) => {
    expect(plainToInstance(Invited, { email: typed }).email).toBe(judged);
  });
});
