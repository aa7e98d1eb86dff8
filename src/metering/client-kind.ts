/**
 * Returns the SQL of the kind of a call's client: the name with which its `user-agent` begins, in lower case; empty without one.
 * @param client the SQL of the column with the client.
 */
export function clientKindOf(client: string): string {
  return `lower(split_part(coalesce(${client}, ''), '/', 1))`;
}

/** Returns the kind of a call's client where no SQL is at hand, for what is compared in memory alone. */
export function kindOfClient(client: string | null): string {
  return (client ?? '').split('/', 1).join('').toLowerCase();
}
