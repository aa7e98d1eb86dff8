import { httpUrl, Rule } from './env-rules';
import { accessKeyId, bucketPlace, region, visibleText } from './trace-store-rules';
import type { Variable } from './variables';

const ENDPOINT = httpUrl({ path: true });

/** Defines a variable as the tools of AWS know it. */
function ofAws<T>(rule: Rule<T>, byDefault: string, about: string): Variable<T | undefined> {
  return { rule, value: undefined, byDefault, usedBy: ['server'], about };
}

/**
 * The variables of the store of content: one of the server's own, and those that AWS's tools read. The latter may be set for other
 * programs: they are looked at only when content goes to a bucket (trace-store.ts).
 */
export const TRACE_STORE_VARIABLES = {
  TRACEVAULT_TRACE_STORE: {
    rule: bucketPlace,
    value: undefined,
    byDefault: '`traces/` in the data directory',
    usedBy: ['server', 'operator'],
    about:
      'Where the [content](traces.md#where-content-is) of traces goes in place of the data directory: a bucket of S3, or of another store that speaks its protocol. It needs the next two.',
  } satisfies Variable<ReturnType<typeof bucketPlace.read> | undefined>,
  AWS_ACCESS_KEY_ID: ofAws(accessKeyId, 'none', 'The id of the access key for the bucket.'),
  AWS_SECRET_ACCESS_KEY: ofAws(
    visibleText,
    'none',
    'The secret of that key. It signs requests, and is sent nowhere.',
  ),
  AWS_SESSION_TOKEN: ofAws(
    visibleText,
    'none',
    'The session token of a temporary access key. When that has expired, content is dropped until a restart with another one.',
  ),
  AWS_REGION: ofAws(
    region,
    '`us-east-1` with an endpoint',
    'The region of the bucket. Required without an endpoint.',
  ),
  AWS_ENDPOINT_URL_S3: ofAws(
    ENDPOINT,
    'that of AWS',
    'The base URL of another store, such as `http://minio:9000`. The bucket is then a part of the path.',
  ),
  AWS_ENDPOINT_URL: ofAws(ENDPOINT, 'none', 'The same for all services; the one before wins over it.'),
};
