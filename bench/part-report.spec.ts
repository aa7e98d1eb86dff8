import { Measure } from './measures';
import { partTable } from './part-report';

const measure: Measure = {
  name: 'x',
  title: 'Streams',
  columns: [
    { title: 'CPU', digits: 0, meter: { maxRatio: 1.1 }, content: { maxRatio: 1.25 } },
    { title: 'first byte', digits: 0 },
    { title: 'KB', digits: 1, meter: { maxDifference: 8 } },
    { title: 'delay', digits: 1, meter: {} },
  ],
  run: () => Promise.resolve([]),
};

describe('the report about a part', () => {
  it('compares round by round, and says which goal is reached', () => {
    const withPart = { name: 'with', rounds: [[55, 1, 30, 2], [110, 1, 32, 2], [240, 1, 31, 2]] }; // prettier-ignore
    const without = { name: 'without', rounds: [[50, 1, 20, 2], [100, 1, 20, 2], [200, 1, 20, 2]] }; // prettier-ignore
    expect(partTable('meter', 'ours', [{ measure, withPart, without }])).toBe(
      [
        '### The meter: ours',
        '',
        '|                | without | with |               ratio | difference |              goal |',
        '| -------------- | ------: | ---: | ------------------: | ---------: | ----------------: |',
        '| Streams: CPU   |     100 |  110 | 1.10 (1.10 to 1.20) |        +10 | at most 1.10: yes |',
        '| Streams: KB    |    20.0 | 31.0 | 1.55 (1.50 to 1.60) |      +11.0 |  at most +8.0: no |',
        '| Streams: delay |     2.0 |  2.0 | 1.00 (1.00 to 1.00) |        0.0 |                   |',
        '',
      ].join('\n'),
    );
  });

  it('compares what that part may change alone', () => {
    const withPart = { name: 'with', rounds: [[130, 1, 30, 2]] };
    const without = { name: 'without', rounds: [[100, 1, 20, 2]] };
    const [row, ...others] = partTable('content', 'ours', [{ measure, withPart, without }])
      .split('\n')
      .slice(4);
    expect(row).toBe('| Streams: CPU |     100 |  130 |  1.30 |        +30 | at most 1.25: no |');
    expect(others).toEqual(['']);
  });
});
