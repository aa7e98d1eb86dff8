import { Rule } from './env-rules';

/** The place of packs in an object store. */
export interface BucketPlace {
  readonly bucket: string;
  /** What the names of all objects begin with, without slashes around it; empty for none. */
  readonly prefix: string;
}

const MAX_PREFIX = 256;

/**
 * The rule for a bucket with an optional prefix. Only characters that stand for themselves in a URL: what is signed, sent and listed is
 * then one text.
 */
export const bucketPlace: Rule<BucketPlace> = {
  takes: '`s3://bucket` or `s3://bucket/prefix`',
  problemOf: (text) =>
    placeOf(text) === undefined
      ? `must be s3://bucket or s3://bucket/prefix: a bucket of 3 to 63 lower-case letters, digits, dots and hyphens, and a prefix of at most ${MAX_PREFIX} letters, digits, dots, hyphens, underscores and slashes`
      : undefined,
  read: (text) => placeOf(text) ?? { bucket: '', prefix: '' },
};

function placeOf(text: string): BucketPlace | undefined {
  const [, bucket = '', rest = ''] =
    /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([\w./-]*))?$/.exec(text) ?? [];
  const prefix = rest.replace(/\/$/, '');
  const isPrefix =
    prefix.length <= MAX_PREFIX &&
    (prefix === '' || prefix.split('/').every((part) => !['', '.', '..'].includes(part)));
  return bucket === '' || bucket.includes('..') || !isPrefix ? undefined : { bucket, prefix };
}

/** Creates a rule for a text that is sent as a part of a header: no message quotes it. */
function headerText(takes: string, pattern: RegExp): Rule<string> {
  return {
    takes,
    problemOf: (text) => (pattern.test(text) ? undefined : `must be ${takes}`),
    read: (text) => text,
  };
}

export const accessKeyId = headerText(
  'characters of ASCII without spaces, commas and slashes',
  /^[!-+\-.0-~]+$/,
);
export const visibleText = headerText('characters of ASCII without spaces', /^[!-~]+$/);
export const region = headerText('lower-case letters, digits and hyphens', /^[a-z0-9-]+$/);
