import { Measure } from './measures';
import { table } from './report';

const measure: Measure = {
  name: 'x',
  title: 'Something',
  columns: [
    { title: 'requests/s', digits: 0, against: 'ratio' },
    { title: 'p50 ms', digits: 1, against: 'difference' },
    { title: 'CPU', digits: 0 },
  ],
  run: () => Promise.resolve([]),
};

describe('the report of the bench', () => {
  it('compares round by round, so that a machine that slows down slows both', () => {
    const targets = [
      {
        name: 'direct',
        rounds: [
          [1000, 1, NaN],
          [500, 2, NaN],
          [2000, 0.5, NaN],
        ],
      },
      {
        name: 'ours',
        rounds: [
          [500, 2, 7],
          [250, 3, 7],
          [1000, 1.5, 7],
        ],
      },
    ];
    expect(table(measure, targets, ['direct', 'not there'])).toBe(
      [
        '### Something',
        '',
        '|        |  requests/s | of direct |    p50 ms | over direct |    CPU |',
        '| ------ | ----------: | --------: | --------: | ----------: | -----: |',
        '| direct | 1,000 ±75 % |      1.00 | 1.0 ±75 % |        +0.0 |      - |',
        '| ours   |   500 ±75 % |      0.50 | 2.0 ±38 % |        +1.0 | 7 ±0 % |',
        '',
      ].join('\n'),
    );
  });
});
