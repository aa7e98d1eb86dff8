import { createSecretKey, KeyObject } from 'node:crypto';
import { withoutTrailingSlash } from './base-url';
import { Config } from './config';
import { Environment } from './variables';

/** What the names of AWS's variables begin with. */
const AWS = 'AWS_';
const [FOR_S3, FOR_ALL] = ['AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL'];
/** What stores with one region of their own call it, or ignore. */
const DEFAULT_REGION = 'us-east-1';

const TIMES = {
  quietMs: 10_000,
  tryMs: 120_000,
  readMs: 10_000,
  writeMs: 60_000,
  retryMs: { first: 200, max: 5_000 },
  restMs: 5_000,
};

/**
 * Removes AWS's variables when content goes to no bucket, and the one that another takes the place of, so that no fault is found in
 * what is set for other programs.
 */
export function withoutUnusedAws(texts: ReadonlyMap<string, string>): Map<string, string> {
  const isUsed = texts.has('TRACEVAULT_TRACE_STORE');
  return new Map(
    [...texts].filter(
      ([name]) => !name.startsWith(AWS) || (isUsed && !(name === FOR_ALL && texts.has(FOR_S3))),
    ),
  );
}

/** Returns what a bucket lacks. */
export function missingForBucket(env: Environment): string[] {
  if (env.TRACEVAULT_TRACE_STORE === undefined) return [];
  const missing = [
    ...(env.AWS_ACCESS_KEY_ID === undefined ? ['AWS_ACCESS_KEY_ID'] : []),
    ...(env.AWS_SECRET_ACCESS_KEY === undefined ? ['AWS_SECRET_ACCESS_KEY'] : []),
  ].map((name) => `${name} is required when TRACEVAULT_TRACE_STORE is set: roles of machines are not read`);
  if (env.AWS_REGION !== undefined || endpointOf(env) !== undefined) return missing;
  return [
    ...missing,
    'AWS_REGION is required when TRACEVAULT_TRACE_STORE is set without AWS_ENDPOINT_URL_S3; set it to the region of the bucket',
  ];
}

/** Returns the bucket that content goes to, by the variables that withoutUnusedAws() has left. */
export function bucketOf(env: Environment): Config['traces']['bucket'] {
  const { TRACEVAULT_TRACE_STORE: place, AWS_ACCESS_KEY_ID: accessKeyId } = env;
  const { AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = env;
  if (place === undefined || accessKeyId === undefined || secret === undefined) return undefined;
  const region = env.AWS_REGION ?? DEFAULT_REGION;
  return {
    url: urlOf(place.bucket, region, endpointOf(env)),
    prefix: place.prefix,
    region,
    accessKeyId,
    secretAccessKey: secretOf(secret),
    sessionToken: token === undefined ? undefined : secretOf(token),
    ...TIMES,
  };
}

/**
 * Returns the URL of a bucket. Its name is a part of the host's name at AWS, and of the path elsewhere; also at AWS where it has a
 * dot in it, which no certificate covers.
 */
function urlOf(bucket: string, region: string, endpoint: string | undefined): string {
  if (endpoint !== undefined) return `${withoutTrailingSlash(endpoint)}/${bucket}`;
  const host = `s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
  return bucket.includes('.') ? `https://${host}/${bucket}` : `https://${bucket}.${host}`;
}

function endpointOf(env: Environment): string | undefined {
  return env.AWS_ENDPOINT_URL_S3 ?? env.AWS_ENDPOINT_URL;
}

/** Creates a KeyObject instead of a string, so that a config printed by mistake reveals no secret. */
function secretOf(text: string): KeyObject {
  return createSecretKey(text, 'latin1');
}
