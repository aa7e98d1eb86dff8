import { canonicalId } from './id';

const ID = '5d1c7a0e-5c5b-4a53-9f0e-0d6f0e1f2a3b';

describe('an id', () => {
  it.each<[unknown, string | undefined]>([
    [ID, ID],
    [ID.toUpperCase(), ID],
    [`5D1C${ID.slice(4)}`, ID],
    ['00000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-000000000000'],
    [`{${ID}}`, undefined], // PostgreSQL would accept it
    [ID.replaceAll('-', ''), undefined], // this one too
    [` ${ID}`, undefined],
    [`${ID}\n`, undefined],
    [`${ID}0`, undefined],
    [ID.replace('d', 'g'), undefined],
    [ID.replace('5', '５'), undefined],
    ['', undefined],
    [undefined, undefined],
    [[ID], undefined],
  ])('%j is known as %s', (typed, id) => {
    expect(canonicalId(typed)).toBe(id);
  });
});
