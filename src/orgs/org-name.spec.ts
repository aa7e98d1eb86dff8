import { parseOrgName, orgSlug } from './org-name';

describe('orgSlug', () => {
  it.each([
    ['acme', 'acme'],
    ['Acme Inc.', 'acme-inc'],
    ["  Ada's   Lab  ", 'ada-s-lab'],
    ['Zürich & Cie', 'zurich-cie'],
    ['a/../b', 'a-b'],
    ['--x--', 'x'],
    ['日本', ''],
    ['', ''],
  ])('%j becomes %j', (name, slug) => {
    expect(orgSlug(name)).toBe(slug);
    expect(orgSlug(slug)).toBe(slug);
  });

  it.each<[string, string | undefined]>([
    ['acme', 'acme'],
    ['Acme', 'acme'],
    ['a b', undefined],
    ['a\u0000b', undefined],
    ['\uff21cme', undefined],
    ['', undefined],
  ])('%j names the org %s', (typed, name) => {
    expect(parseOrgName(typed)).toBe(name);
  });
});
