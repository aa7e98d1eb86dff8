/** A session whose content is read: one's own, or for a stated reason, as an auditor, one of an organization. */
export interface TraceSource {
  readonly trace: string;
  /** The organization; empty for a session of one's own. */
  readonly org: string;
  /** Why an auditor reads it. */
  readonly reason: string | undefined;
}

/** Returns the API's path of a part of a session that is read. */
export function pathOf({ org, trace }: TraceSource, ...part: readonly string[]): string {
  const whose = org === '' ? ['me'] : ['orgs', org];
  return `/api/v1/${[...whose, 'traces', trace, ...part].map(encodeURIComponent).join('/')}`;
}
