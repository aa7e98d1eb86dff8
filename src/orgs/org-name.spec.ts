import { isOrgSlug, orgSlug } from './org-name';

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

  it.each([
    ['acme', true],
    ['Acme', false],
    ['a b', false],
    ['a\u0000b', false],
    ['', false],
  ])('%j could be an org’s name: %s', (name, expected) => {
    expect(isOrgSlug(name)).toBe(expected);
  });
});
