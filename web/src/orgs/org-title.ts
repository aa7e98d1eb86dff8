/** What people see of an organization: the name that its owners gave it, or else the one in addresses. */
export function orgTitle({ name, display_name }: { name: string; display_name: string | null }): string {
  return display_name ?? name;
}

/** The same of the one in this address, which the person may not be in. */
export function orgTitleIn(
  orgs: readonly { name: string; display_name: string | null }[],
  name: string,
): string {
  return orgTitle(orgs.find((org) => org.name === name) ?? { name, display_name: null });
}
