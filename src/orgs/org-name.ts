export const LONGEST_ORG_NAME = 60;

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

/** Whether an org could have this name. */
export function isOrgSlug(name: string): boolean {
  return name !== '' && name === orgSlug(name);
}
