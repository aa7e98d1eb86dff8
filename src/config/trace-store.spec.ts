import { inspect } from 'node:util';
import { problemsIn } from '../../test/support/config-problems';
import { BucketConfig } from './config';
import { loadConfig } from './env';

const STORE = { TRACEVAULT_TRACE_STORE: 's3://bucket/prefix' };
const KEY = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'CANARY/secret+1' };
const AWS = { ...STORE, ...KEY, AWS_REGION: 'eu-central-1' };

function bucketOf(variables: NodeJS.ProcessEnv): BucketConfig {
  const { bucket } = loadConfig(variables).traces;
  if (bucket === undefined) throw new Error('Content would go to no bucket');
  return bucket;
}

const problemsOf = (variables: NodeJS.ProcessEnv) => problemsIn(() => loadConfig(variables));

describe('the configuration of the store of content', () => {
  it('is a bucket at AWS, with its key and its region', () => {
    const { secretAccessKey, sessionToken, ...rest } = bucketOf({ ...AWS, AWS_SESSION_TOKEN: 'CANARY==' });
    expect(rest).toMatchObject({
      url: 'https://bucket.s3.eu-central-1.amazonaws.com',
      prefix: 'prefix',
      region: 'eu-central-1',
      accessKeyId: 'AKIDEXAMPLE',
    });
    expect(secretAccessKey.export().toString()).toBe(KEY.AWS_SECRET_ACCESS_KEY);
    expect(sessionToken?.export().toString()).toBe('CANARY==');
  });

  it.each<[NodeJS.ProcessEnv, string, string]>([
    [{ AWS_REGION: 'us-east-1' }, 'https://bucket.s3.us-east-1.amazonaws.com', 'us-east-1'],
    [{ AWS_REGION: 'cn-north-1' }, 'https://bucket.s3.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
    [{ AWS_ENDPOINT_URL_S3: 'http://minio:9000' }, 'http://minio:9000/bucket', 'us-east-1'],
    [{ AWS_ENDPOINT_URL: 'https://s3.example.com/' }, 'https://s3.example.com/bucket', 'us-east-1'],
    [
      { AWS_ENDPOINT_URL_S3: 'https://a.example.com/storage/s3', AWS_REGION: 'auto' },
      'https://a.example.com/storage/s3/bucket',
      'auto',
    ],
    [
      { AWS_ENDPOINT_URL_S3: 'http://one', AWS_ENDPOINT_URL: 'no URL, and for other services' },
      'http://one/bucket',
      'us-east-1',
    ],
    [
      { TRACEVAULT_TRACE_STORE: 's3://my.bucket', AWS_REGION: 'us-east-1' },
      'https://s3.us-east-1.amazonaws.com/my.bucket',
      'us-east-1',
    ],
  ])('finds the bucket of %j at %s', (variables, url, region) => {
    expect(bucketOf({ ...STORE, ...KEY, ...variables })).toMatchObject({ url, region });
  });

  it.each([
    ['s3://bucket', ''],
    ['s3://bucket/', ''],
    ['s3://bucket/a/', 'a'],
    ['s3://bucket/a/b.c/D_e-1', 'a/b.c/D_e-1'],
  ])('reads the prefix of %s', (place, prefix) => {
    expect(bucketOf({ ...AWS, TRACEVAULT_TRACE_STORE: place }).prefix).toBe(prefix);
  });

  it.each<[NodeJS.ProcessEnv]>([
    [{}],
    [{ TRACEVAULT_TRACE_STORE: '' }],
    [{ AWS_REGION: 'No Region', AWS_ACCESS_KEY_ID: 'a b', AWS_ENDPOINT_URL: 'x' }],
  ])(
    'is the directory with %j: what is set for other programs is looked at only for a bucket',
    (variables) => {
      expect(loadConfig(variables).traces.bucket).toBeUndefined();
    },
  );

  it.each([
    ['TRACEVAULT_TRACE_STORE', 'bucket', 'must be s3://bucket or s3://bucket/prefix'],
    ['TRACEVAULT_TRACE_STORE', 'S3://bucket', 'must be s3://'],
    ['TRACEVAULT_TRACE_STORE', 's3://B', 'must be s3://'],
    ['TRACEVAULT_TRACE_STORE', 's3://a..b', 'must be s3://'],
    ['TRACEVAULT_TRACE_STORE', 's3://CANARY:CANARY@bucket', 'must be s3://'],
    ['TRACEVAULT_TRACE_STORE', 's3://bucket/a//b', 'must be s3://'],
    ['TRACEVAULT_TRACE_STORE', 's3://bucket/../b', 'must be s3://'],
    ['TRACEVAULT_TRACE_STORE', 's3://bucket/a b', 'must be s3://'],
    ['TRACEVAULT_TRACE_STORE', `s3://bucket/${'a'.repeat(257)}`, 'at most 256'],
    ['AWS_ACCESS_KEY_ID', 'CANARY/a', 'must be characters of ASCII without'],
    ['AWS_SECRET_ACCESS_KEY', 'CANARY a', 'must be characters of ASCII without spaces'],
    ['AWS_SESSION_TOKEN', 'CANARY\u00e9', 'must be characters of ASCII without spaces'],
    ['AWS_REGION', 'EU (Frankfurt)', 'must be lower-case letters'],
    ['AWS_ENDPOINT_URL_S3', 'minio:9000', 'begins with http:// or https://'],
    ['AWS_ENDPOINT_URL', 'http://u:CANARY@minio', 'without user name'],
  ])('refuses %s=%s by name', (name, value, message) => {
    const problems = problemsOf({ ...AWS, [name]: value });
    expect(problems).toEqual([expect.stringContaining(message)]);
    expect(problems[0]).toMatch(new RegExp(`^${name} `));
    expect(problems[0]).not.toContain('CANARY');
  });

  it('lists all that is missing together', () => {
    expect(problemsOf({ ...STORE, PORT: 'x' })).toEqual([
      expect.stringMatching(/^PORT /),
      expect.stringMatching(/^AWS_ACCESS_KEY_ID is required/),
      expect.stringMatching(/^AWS_SECRET_ACCESS_KEY is required/),
      expect.stringMatching(/^AWS_REGION is required/),
    ]);
    expect(problemsOf({ ...STORE, ...KEY, AWS_ENDPOINT_URL_S3: 'http://minio' })).toEqual([]);
  });

  it('shows no secret when it is printed', () => {
    const config = loadConfig({ ...AWS, AWS_SESSION_TOKEN: 'CANARYtoken' });
    for (const text of [inspect(config, { depth: 9 }), JSON.stringify(config)])
      expect(text).not.toContain('CANARY');
  });
});
