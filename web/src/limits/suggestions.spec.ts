import { suggestionsFor } from './suggestions';

const titles = (...limits: Parameters<typeof suggestionsFor>[0][number][]) =>
  suggestionsFor(limits).map(({ title }) => title);

describe('the suggested limits', () => {
  it('are three at first', () => {
    expect(titles()).toEqual(['25 dollars a month for each', '2,000 for the team', 'Nobody on Opus']);
  });

  it('are those that are not there yet, and one that follows from another', () => {
    expect(titles({ kind: 'spend', scope: 'everyone' })).toEqual(['2,000 for the team', 'Nobody on Opus']);
    expect(titles({ kind: 'models', scope: 'everyone' })).toContain('But the reviewers');
    expect(
      titles(
        { kind: 'spend', scope: 'everyone' },
        { kind: 'spend', scope: 'organization' },
        { kind: 'models', scope: 'everyone' },
        { kind: 'models', scope: 'member' },
      ),
    ).toEqual([]);
  });
});
