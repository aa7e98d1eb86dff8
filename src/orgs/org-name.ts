export const MAX_ORG_NAME_LENGTH = 60;

/** What people see of an org. */
export function shownName({ name, displayName }: { name: string; displayName: string | null }): string {
  return displayName ?? name;
}

/** What a slug is written with; looked at first, since Unicode's forms of a long text take long to make. */
const SLUG = /^[a-z0-9-]+$/;

/**
 * The name that stands in URLs: lower-case ASCII letters, digits and single hyphens; "Ada's Lab" becomes "ada-s-lab".
 * @returns '' when nothing of it is left.
 */
export function orgSlug(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{Diacritic}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
}

/**
 * The name of an org out of a URL or a command, where people also type capitals.
 * @returns undefined for what no org can be called; PostgreSQL would choke on some of it.
 */
export function knownAs(typed: string): string | undefined {
  const name = typed.toLowerCase();
  return SLUG.test(name) && name === orgSlug(name) ? name : undefined;
}
