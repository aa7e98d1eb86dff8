import { pathOf } from './trace-source';

describe('the path of a part of a session', () => {
  it.each([
    ['', [], '/api/v1/me/traces/t'],
    ['', ['calls', 'a/b', 'request'], '/api/v1/me/traces/t/calls/a%2Fb/request'],
    ['acme', ['export'], '/api/v1/orgs/acme/traces/t/export'],
  ])('of the organization "%s" with %j is %s', (org, part, path) => {
    expect(pathOf({ org, trace: 't', reason: undefined }, ...part)).toBe(path);
  });
});
