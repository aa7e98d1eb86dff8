import { SearchWords } from './search-words';

describe('the words of a search', () => {
  it.each([
    ['flaky', ['Fix the FLAKY test'], true],
    ['  test   flaky ', ['Fix the flaky test'], true],
    ['flaky opus', ['Fix the flaky test', 'claude-opus-4-8'], true],
    ['flaky haiku', ['Fix the flaky test', 'claude-opus-4-8'], false],
    ['ak', ['Fix the flaky test'], true],
    ['%', ['Fix the flaky test'], false],
    ['a_b', ['a-b'], false],
    ['100%', ['Reach 100% coverage'], true],
    ['ÜBER', ['u\u0308ber'], true],
    ['ﬁx', ['Fix it'], true],
    ['null', [null, undefined], false],
  ])('%j: are they in %j? %s', (said, texts, isThere) => {
    expect(new SearchWords(said).areIn(texts)).toBe(isThere);
  });
});
