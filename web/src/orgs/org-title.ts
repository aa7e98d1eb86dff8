/** Returns an organization's title: its display name, or else its name in URLs. */
export function orgTitle({ name, display_name }: { name: string; display_name: string | null }): string {
  return display_name ?? name;
}

/** Returns the title of the organization in the page's URL, of which the user may not be a member. */
export function orgTitleIn(
  orgs: readonly { name: string; display_name: string | null }[],
  name: string,
): string {
  return orgTitle(orgs.find((org) => org.name === name) ?? { name, display_name: null });
}
