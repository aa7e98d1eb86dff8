import { ownershipError } from './ownership';

describe('ownershipError', () => {
  const FILE = 0o100_000;
  const DIRECTORY = 0o040_000;
  it.each<[string, number, number, number | undefined, 'directory' | 'secret', string | undefined]>([
    ['a directory of one’s own', 1000, DIRECTORY | 0o700, 1000, 'directory', undefined],
    ['one that others can read', 1000, DIRECTORY | 0o755, 1000, 'directory', undefined],
    ['one that its group can change', 1000, DIRECTORY | 0o770, 1000, 'directory', 'open'],
    ['one that anybody can change', 1000, DIRECTORY | 0o1777, 1000, 'directory', 'open'],
    ['one of another user', 1001, DIRECTORY | 0o700, 1000, 'directory', 'foreign'],
    ['one of another user that is open, too', 1001, DIRECTORY | 0o777, 1000, 'directory', 'foreign'],
    ['one of root', 0, DIRECTORY | 0o2775, 1000, 'directory', 'foreign'],
    ['one of a user, for root', 1000, DIRECTORY | 0o700, 0, 'directory', 'foreign'],
    ['one of root, for root', 0, DIRECTORY | 0o700, 0, 'directory', undefined],
    ['a secret of one’s own', 1000, FILE | 0o600, 1000, 'secret', undefined],
    ['one that can only be read', 1000, FILE | 0o400, 1000, 'secret', undefined],
    ['one that its group can read', 1000, FILE | 0o640, 1000, 'secret', 'open'],
    ['one that others can read', 1000, FILE | 0o604, 1000, 'secret', 'open'],
    ['one that others can write', 1000, FILE | 0o602, 1000, 'secret', 'open'],
    ['one of another user', 1001, FILE | 0o600, 1000, 'secret', 'foreign'],
    ['anything, where there are no users', 0, FILE | 0o666, undefined, 'secret', undefined],
  ])('%s (uid %i, mode %o) for user %s', (_, uid, mode, user, kind, expected) => {
    expect(ownershipError({ uid, mode }, kind, user)).toBe(expected);
  });
});
