import { databaseUrlError } from './database-url';

const ENCODE = 'has to be percent-encoded';

describe('databaseUrlError', () => {
  it.each([
    'postgres://db/tv',
    'postgresql://ada:p%23%2F%3F%25%40@db.example.com:5432/tv?sslmode=verify-full',
    'postgres://ada:p:a@ss@db/tv',
    'postgres://db:5432/tv?options=-c%20a=b@c',
    'postgres://[::1]:5432/tv',
    'postgresql:///tv?host=/var/run/postgresql',
    'postgresql://ada:secret@/tv?host=/var/run/postgresql&port=5433',
    'postgresql://ada@/tv?host=/var/run/postgresql',
    'postgres://%2Fvar%2Frun%2Fpostgresql/tv',
  ])('takes %s', (url) => {
    expect(databaseUrlError(url)).toBeUndefined();
  });

  it.each([
    ['postgres://ada:SEC#RET@db/tv', ENCODE],
    ['postgres://ada:SEC/RET@db/tv', ENCODE],
    ['postgres://ada:SEC?RET@db/tv', ENCODE],
    ['postgres://ada:SEC%RET@db/tv', ENCODE],
    ['postgres://ada:12/RET@db/tv', ENCODE],
    ['postgres://ada:12?RET@db/tv', ENCODE],
    ['postgres://ada:12#RET@db/tv', ENCODE],
    ['postgres://ada:SEC/RET@/tv?host=/run', ENCODE],
    ['postgres://db/SECRET#', 'without fragment'],
    ['postgres:///SECRET', 'names no host'],
    ['postgres://ada:SECRET@/tv', 'names no host'],
    ['postgres://ada:SECRET@db:port/tv', 'must be a URL'],
    ['mysql://ada:SECRET@db/tv', 'must be a URL that begins with postgres:// or postgresql://'],
    ['host=db password=SECRET', 'must be a URL that begins with'],
  ])('refuses %s', (url, message) => {
    const problem = databaseUrlError(url);
    expect(problem).toContain(message);
    expect(problem).not.toMatch(/SEC|RET|ada/);
  });

  it('says how the characters are written', () => {
    expect(databaseUrlError('postgres://ada:SEC#RET@db/tv')).toBe(
      'has a character in its user name or password that has to be percent-encoded: # is %23, / is %2F, ? is %3F, % is %25',
    );
  });
});
