import { diffLines } from './diff';

/** A diff as it is usually written. */
const written = (before: string, after: string) =>
  diffLines(before, after).map(({ kind, text }) => `${{ same: ' ', removed: '-', added: '+' }[kind]}${text}`);

describe('the difference of two texts', () => {
  it.each<[string, string, string, string[]]>([
    ['of a line among others', 'a\nb\nc', 'a\nx\nc', [' a', '-b', '+x', ' c']],
    ['of nothing', '', '', []],
    ['of equal texts', 'a\nb', 'a\nb', [' a', ' b']],
    ['of a text and none', '', 'a\nb\n', ['+a', '+b']],
    ['of none and a text', 'a\nb', '', ['-a', '-b']],
    ['of lines that were moved apart', 'a\nb\nc\nd', 'b\nx\nd\ny', ['-a', ' b', '-c', '+x', ' d', '+y']],
    ['of lines that are repeated', 'a\na\na', 'a\na', [' a', ' a', '-a']],
    ['with an empty line', 'a\n\nb', 'a\nb', [' a', '-', ' b']],
    ['with a line end at both ends', 'a\nb\n', 'a\nc\n', [' a', '-b', '+c']],
    ['of a line end at the end alone', 'a', 'a\n', [' a', '+']],
  ])('%s', (_, before, after, lines) => {
    expect(written(before, after)).toEqual(lines);
  });

  it('gives both texts back, whatever they are', () => {
    let seed = 7;
    const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
    const text = () => Array.from({ length: random(30) }, () => 'abcd'[random(4)]).join('\n');
    for (let round = 0; round < 300; round += 1) {
      const [before, after] = [text(), text()];
      const lines = diffLines(before, after);
      const without = (kind: string) =>
        lines
          .filter((line) => line.kind !== kind)
          .map((line) => line.text)
          .join('\n');
      expect([without('added'), without('removed')]).toEqual([before, after]);
    }
  });

  it('is not searched for in very long texts, apart from what they begin and end with', () => {
    const many = (letter: string) => Array.from({ length: 3_000 }, (_, at) => `${letter}${at % 7}`);
    const lines = diffLines(
      ['first', ...many('a'), 'last'].join('\n'),
      ['first', ...many('b'), 'last'].join('\n'),
    );
    expect(lines).toHaveLength(6_002);
    expect(lines.map(({ kind }) => kind).filter((kind, at, all) => kind !== all[at - 1])).toEqual([
      ...(['same', 'removed', 'added', 'same'] as const),
    ]);
  });
});
