import { readFilter } from './call-filter';

describe('the filters of an address', () => {
  it.each([
    ['', {}],
    ['model=m&outcome=completed&call=1', { model: 'm', outcome: 'completed' }],
    ['usage_state=estimated&token=&session=s', { usage_state: 'estimated', session: 's' }],
    ['outcome=lost&usage_state=lost&provider=openai', { provider: 'openai' }],
  ])('%j are %j', (query, filter) => {
    expect(readFilter(new URLSearchParams(query))).toEqual(filter);
  });
});
