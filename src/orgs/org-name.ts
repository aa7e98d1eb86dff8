/** The maximum length of an organization's name, in characters. */
export const MAX_ORG_NAME_LENGTH = 60;

/** Returns the name of an organization as people see it: its display name, if it has one. */
export function shownName({ name, displayName }: { name: string; displayName: string | null }): string {
  return displayName ?? name;
}

/** Matches the characters of a slug. It is tested first, because normalizing a long Unicode text is slow. */
const SLUG = /^[a-z0-9-]+$/;

/**
 * Converts a name to the form used in URLs: lower-case ASCII letters, digits and single hyphens; "Ada's Lab" becomes "ada-s-lab".
 * @returns an empty string when the name contains no letter or digit that can be converted.
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
 * Normalizes an organization's name from a URL or a command line, where people also type capitals.
 * @returns undefined for a text that can't be an organization's name; some of these would be an error in PostgreSQL.
 */
export function parseOrgName(typed: string): string | undefined {
  const name = typed.toLowerCase();
  return SLUG.test(name) && name === orgSlug(name) ? name : undefined;
}
