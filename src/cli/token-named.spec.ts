import { shortIdLength, tokenNamed } from './token-named';

const ID = {
  ci: '0a1b2c3d-1111-4111-8111-000000000001',
  ciToo: '0a1b2c3d-1111-4111-8111-000000000002',
  laptop: 'ffeeddcc-2222-4222-8222-000000000003',
  odd: '99999999-3333-4333-8333-000000000004',
};
const TOKENS = [
  { id: ID.ci, name: 'ci' },
  { id: ID.ciToo, name: 'ci' },
  { id: ID.laptop, name: 'Läptop' },
  { id: ID.odd, name: 'ffeedd' },
];
const failure = (which: string): { message: string; hint?: string } => {
  try {
    tokenNamed(TOKENS, which);
  } catch (error) {
    return error as Error & { hint?: string };
  }
  throw new Error('it found one');
};

describe('which proxy token is meant', () => {
  it.each([
    ['its id', ID.ci, ID.ci],
    ['its id in capitals', ID.ci.toUpperCase(), ID.ci],
    ['its name', 'Läptop', ID.laptop],
    ['its name, otherwise composed', 'La\u0308ptop', ID.laptop],
    ['six characters of its id', '999999', ID.odd],
    ['more of its id, in capitals', 'FFEEDDCC-2', ID.laptop],
  ])('by %s', (_, which, id) => expect(tokenNamed(TOKENS, which).id).toBe(id));

  it.each([
    ['a name that two have', 'ci', [ID.ci, ID.ciToo]],
    ['a beginning that two ids have', '0a1b2c', [ID.ci, ID.ciToo]],
    ['what is one’s name and begins another’s id', 'ffeedd', [ID.laptop, ID.odd]],
  ])('not by %s: the candidates are named', (_, which, ids) => {
    const { message, hint } = failure(which);
    expect(message).toContain('2 of your proxy tokens');
    for (const id of ids) expect(hint).toContain(id);
  });

  it.each([['ffeed'], ['nothing'], ['ffeeddcx'], ['']])('not by %j, which is none', (which) =>
    expect(failure(which).message).toBe('You have no such proxy token.'),
  );
});

it.each([
  [['0a1b2c3d-1', 'ffeeddcc-2'], 8],
  [['0a1b2c3d-11', '0a1b2c3d-12'], 11],
  [['one'], 8],
  [[], 8],
])('the ids %j are shown by %i characters', (ids, length) => expect(shortIdLength(ids)).toBe(length));
