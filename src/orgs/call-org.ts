/**
 * Returns the organization that the calls of a session belong to: the one that the user has chosen, and otherwise the first
 * one by name.
 * @param orgs the organizations of the user, in the order of their names.
 * @param currentOrgId the user's choice, which counts only while the user is a member.
 */
export function callOrg<Org extends { readonly id: string }>(
  orgs: readonly Org[],
  currentOrgId: string | null,
): Org | undefined {
  return orgs.find(({ id }) => id === currentOrgId) ?? orgs[0];
}
