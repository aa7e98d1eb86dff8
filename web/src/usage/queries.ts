import type { paths } from '../api/schema';

/** The query for sums of calls. */
export type UsageQuery = NonNullable<paths['/api/v1/me/usage']['get']['parameters']['query']>;
/** The query for lists of calls. */
export type CallsQuery = NonNullable<paths['/api/v1/orgs/{org}/calls']['get']['parameters']['query']>;
