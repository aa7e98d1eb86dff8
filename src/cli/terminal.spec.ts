import { CREDENTIAL_PREFIXES } from '../config/credential-shapes';
import { sanitized } from './terminal';

describe('what the command shows of a text from elsewhere', () => {
  it.each(CREDENTIAL_PREFIXES)('hides what begins with $prefix, as the server does', ({ prefix }) => {
    const secret = `${prefix}CANARY-0123_x`;
    expect(sanitized(secret)).toBe('[hidden]');
    expect(sanitized(`The key "${secret}" is bad; key=${secret} too.`)).toBe(
      'The key "[hidden]" is bad; key=[hidden] too.',
    );
  });

  it('leaves other words as they are', () => {
    for (const text of ['task-1, disk-full, risk-', 'tvs', 'maizal', 'a tv_set'])
      expect(sanitized(text)).toBe(text);
  });
});
